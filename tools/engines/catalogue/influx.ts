import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine, Place } from '../engine.ts'
import { goInstall } from '../go.ts'
import { answers } from '../ports.ts'

const version = '1.8.10'
const database = 'weconnect'
const url = ({ ports }: Place): string => `http://127.0.0.1:${ports[0]}`

const configuration = ({ data, ports }: Place): string => `reporting-disabled = true
bind-address = "127.0.0.1:${ports[1]}"
[meta]
  dir = "${data}/meta"
[data]
  dir = "${data}/data"
  wal-dir = "${data}/wal"
  index-version = "inmem"
  query-log-enabled = false
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:${ports[0]}"
  flux-enabled = true
  log-enabled = false
  auth-enabled = false
`

/** InfluxDB 1.8, which serves the write and query API of version 2; a bucket is a database, and this one is made at the start. */
export const influx: Engine = {
  name: 'influx',
  version,
  needs: ['go'],
  portCount: 2,
  install: (folder) => goInstall(folder, `github.com/influxdata/influxdb/cmd/influxd@v${version}`),
  launch: async (place) => {
    const file = join(place.data, 'influxdb.conf')
    await writeFile(file, configuration(place))
    return { command: [join(place.installed, 'influxd'), 'run', '-config', file] }
  },
  isReady: async (place) =>
    (await answers(`${url(place)}/ping`)) &&
    fetch(`${url(place)}/query`, { method: 'POST', body: new URLSearchParams({ q: `CREATE DATABASE ${database}` }) }).then(
      ({ ok }) => ok,
      () => false,
    ),
  variables: (place) => ({ INFLUX_URL: url(place), INFLUX_BUCKET: database, INFLUX_ORG: 'weconnect', INFLUX_TOKEN: 'none' }),
}
