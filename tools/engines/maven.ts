import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'

const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1'
const quiet = ['mvn', '-q', '-B', '-ntp']

/** @param artifacts group:name:version. They and all that they need at run time come to `folder`/libs. */
export const copyJars = async (folder: string, artifacts: readonly string[]): Promise<void> => {
  const dependencies = artifacts.map((artifact) => {
    const [group, name, version] = artifact.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  })
  const pom = join(folder, 'pom.xml')
  await writeFile(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>weconnect</groupId><artifactId>engine</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('')}</dependencies></project>\n`,
  )
  await run([...quiet, '-f', pom, `${plugin}:copy-dependencies`, '-DincludeScope=runtime', `-DoutputDirectory=${join(folder, 'libs')}`])
}

/** Fetches one file: group:name:version:packaging:classifier. */
export const copyArtifact = (folder: string, artifact: string): Promise<string> =>
  run([...quiet, `${plugin}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`], { cwd: folder })

/** For servers that live for a test: small, and quick to start. */
export const java = (heapMb: number): readonly string[] => [
  'java',
  `-Xmx${heapMb}m`,
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Xshare:auto',
]
