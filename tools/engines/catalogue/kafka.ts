import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine, Place } from '../engine.ts'
import { copyJars, java } from '../maven.ts'
import { isOpen } from '../ports.ts'
import { run } from '../run.ts'

const version = '4.4.0'
/** Any will do: a broker alone. */
const clusterId = 'MkU3OEVBNTcwNTJENDM2Qg'
const address = ({ ports }: Place): string => `127.0.0.1:${ports[0]}`

/** One node that is broker and controller; internal topics with one copy and one partition, as more would only cost time. */
const properties = (place: Place): string => `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${place.ports[1]}
listeners=PLAINTEXT://${address(place)},CONTROLLER://127.0.0.1:${place.ports[1]}
advertised.listeners=PLAINTEXT://${address(place)}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(place.data, 'logs')}
num.partitions=1
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
`

const broker = (installed: string): readonly string[] => [
  ...java(512),
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  '-cp',
  join(installed, 'libs', '*'),
]

/** Apache Kafka from Maven Central, without ZooKeeper. */
export const kafka: Engine = {
  name: 'kafka',
  version,
  needs: ['java', 'mvn'],
  portCount: 2,
  install: (folder) => copyJars(folder, [`org.apache.kafka:kafka_2.13:${version}`, 'org.slf4j:slf4j-simple:1.7.36']),
  launch: async (place) => {
    const file = join(place.data, 'server.properties')
    await writeFile(file, properties(place))
    if (!existsSync(join(place.data, 'logs/meta.properties')))
      await run([...broker(place.installed), 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file])
    return { command: [...broker(place.installed), 'kafka.Kafka', file] }
  },
  isReady: ({ ports }) => isOpen(ports[0] ?? 0),
  variables: (place) => ({ KAFKA_BROKERS: address(place) }),
}
