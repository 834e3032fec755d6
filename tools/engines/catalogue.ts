import { imap } from './catalogue/imap.ts'
import { influx } from './catalogue/influx.ts'
import { kafka } from './catalogue/kafka.ts'
import { minio } from './catalogue/minio.ts'
import { mongo } from './catalogue/mongo.ts'
import { redis } from './catalogue/redis.ts'
import { registry } from './catalogue/registry.ts'
import { smtp } from './catalogue/smtp.ts'
import type { Engine, EngineName } from './engine.ts'

export const engines: Readonly<Record<EngineName, Engine>> = { kafka, registry, redis, mongo, influx, minio, smtp, imap }
export const engineNames = Object.keys(engines) as readonly EngineName[]
export const isEngineName = (name: string): name is EngineName => Object.hasOwn(engines, name)
