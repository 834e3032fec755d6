import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine, Place } from '../engine.ts'
import { copyArtifact, java } from '../maven.ts'
import { answers } from '../ports.ts'
import { run } from '../run.ts'

const version = '2.6.13.Final'
const url = ({ ports }: Place): string => `http://127.0.0.1:${ports[0]}/apis/ccompat/v7`

/** Apicurio Registry, which serves the API of Confluent's schema registry. In memory: every start is empty. */
export const registry: Engine = {
  name: 'registry',
  version,
  needs: ['java', 'mvn'],
  portCount: 2,
  install: async (folder) => {
    await copyArtifact(folder, `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`)
    const archive = readdirSync(folder).find((file) => file.endsWith('.tar.gz')) ?? ''
    await run(['tar', '-xzf', archive, '-C', folder], { cwd: folder })
    await run(['rm', '-f', archive], { cwd: folder })
  },
  launch: async ({ installed, ports }) => ({
    command: [
      ...java(384),
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${ports[0]}`,
      '-Dquarkus.management.host=127.0.0.1',
      `-Dquarkus.management.port=${ports[1]}`,
      '-Dquarkus.log.level=WARN',
      '-jar',
      join(installed, readdirSync(installed).find((file) => file === 'quarkus-run.jar' || file.endsWith('runner.jar')) ?? ''),
    ],
    cwd: installed,
  }),
  isReady: (place) => answers(`${url(place)}/subjects`),
  variables: (place) => ({ SCHEMA_REGISTRY_URL: url(place) }),
}
