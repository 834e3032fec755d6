import { randomUUID } from 'node:crypto'
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { unary } from './calls.ts'
import { uuidMessage } from './messages.ts'

/** The release whose behaviour is followed: clients turn their own features on and off by it. */
const serverVersion = '24.10.0'
const ticksPerMillisecond = 10_000

/** Gossip/Read: a cluster of one, which leads. */
export const gossipService = (address: string, port: () => number, now: () => number) => {
  const instanceId = randomUUID()
  return unary<unknown, ClusterInfo>(async () => {
    const member = new gossip.MemberInfo()
      .setInstanceId(uuidMessage(instanceId))
      .setTimeStamp(String(now() * ticksPerMillisecond))
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(address).setPort(port()))
    return new gossip.ClusterInfo().setMembersList([member])
  })
}

const methodFeatures = ['stream', 'all']

/** ServerFeatures/GetSupportedMethods: what is served, and nothing else. */
export const featuresService = (services: readonly ServiceDefinition[]) =>
  unary<unknown, SupportedMethods>(async () => {
    const methods = services.flatMap((service) =>
      Object.values(service).map(({ path }) => {
        const [, serviceName = '', methodName = ''] = path.toLowerCase().split('/')
        const method = new features.SupportedMethod().setServiceName(serviceName).setMethodName(methodName)
        return serviceName.endsWith('persistentsubscriptions') ? method.setFeaturesList(methodFeatures) : method
      }),
    )
    return new features.SupportedMethods().setEventStoreServerVersion(serverVersion).setMethodsList(methods)
  })
