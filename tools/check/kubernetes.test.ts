import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { roles } from './roles.ts'
import { root } from './workspace.ts'

const folder = join(root, 'infra/deploy/kubernetes')
const kustomizationFile = 'kustomization.yaml'

interface Container {
  readonly name: string
  readonly image: string
  readonly args: readonly string[]
  readonly readinessProbe?: object
  readonly livenessProbe?: object
  readonly securityContext: { readonly readOnlyRootFilesystem?: boolean; readonly allowPrivilegeEscalation?: boolean }
}
interface Resource {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly selector: { readonly matchLabels: object }
    readonly scaleTargetRef: { readonly name: string }
    readonly template: {
      readonly metadata: { readonly labels: object }
      readonly spec: { readonly securityContext: { readonly runAsNonRoot?: boolean }; readonly containers: readonly [Container] }
    }
  }
}

const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== kustomizationFile)
const resourcesOf = (file: string): readonly Resource[] =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map((document) => document.toJS() as Resource)
const all = files.flatMap(resourcesOf)
const named = (kind: string): ReadonlyMap<string, Resource> =>
  new Map(all.filter((resource) => resource.kind === kind).map((resource) => [resource.metadata.name, resource]))

/** Kubernetes' own schema of this kind. @throws what does not fit */
const validate = async (resource: Resource): Promise<void> => {
  const { apiVersion, kind } = resource
  const module = (await import(/* @vite-ignore */ `kubernetes-models/${apiVersion}/${kind}`)) as Record<
    string,
    new (
      data: object,
    ) => { validate(): void }
  >
  const Model = module[kind]
  if (!Model) throw new Error(`there is no schema of ${kind} in ${apiVersion}`)
  new Model(resource).validate()
}

test.each(files)('%s follows the schemas of Kubernetes', async (file) => {
  const resources = resourcesOf(file)
  expect(resources.length).toBeGreaterThan(0)
  for (const resource of resources) await validate(resource)
})

test('what does not follow them is refused', async () => {
  const [deployment] = named('Deployment').values()
  await expect(validate({ ...deployment, spec: { ...deployment?.spec, replicas: 'many' } } as unknown as Resource)).rejects.toThrow(
    'replicas',
  )
})

test('the kustomization names the files that are there; all but the relay, which needs Kafka, are on', () => {
  const text = readFileSync(join(folder, kustomizationFile), 'utf8')
  const { resources } = parse(text) as { resources: readonly string[] }
  expect([...resources, 'relay.yaml'].sort()).toEqual([...files].sort())
  expect(text).toContain('#  - relay.yaml')
})

test('every role has a deployment that starts it, as an ordinary user, on a root that is read only, with probes', () => {
  expect([...named('Deployment').keys()].sort()).toEqual([...roles].sort())
  for (const [role, { spec }] of named('Deployment')) {
    const { securityContext, containers } = spec.template.spec
    const [container] = containers
    expect(spec.template.metadata.labels).toMatchObject(spec.selector.matchLabels)
    expect(container.args).toEqual(['start', role])
    expect([securityContext.runAsNonRoot, container.securityContext.readOnlyRootFilesystem]).toEqual([true, true])
    expect(container.securityContext.allowPrivilegeEscalation).toBe(false)
    expect(container).toMatchObject({ readinessProbe: { httpGet: { path: '/ready' } }, livenessProbe: { httpGet: { path: '/health' } } })
  }
})

test('whatever there are several of has a disruption budget, and what is scaled exists', () => {
  const deployments = named('Deployment')
  expect([...named('PodDisruptionBudget').keys(), 'relay'].sort()).toEqual([...deployments.keys()].sort())
  for (const [name, { spec }] of named('HorizontalPodAutoscaler')) {
    expect(spec.scaleTargetRef.name).toBe(name)
    expect(deployments.has(name)).toBe(true)
  }
})
