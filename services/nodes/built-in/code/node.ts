import type { Item } from '@weconnect/contracts/items'
import type { CodeReturn, NodeContext, NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, notice, show, text } from '../../sdk/property.ts'
import { asText, continues, failedItem, failedRun, unsupported } from '../per-item.ts'
import { itemOfReturn, itemsOfReturn } from './items.ts'
import { requestsByName } from './requests.ts'

const runOnce = async (context: NodeContext, code: string): Promise<readonly Item[]> => {
  try {
    const { value } = await context.runCode({ language: 'javaScript', mode: 'runOnceForAllItems', code })
    return itemsOfReturn(value)
  } catch (error) {
    if (!continues(context)) throw error
    return [failedRun(error)]
  }
}

const itemOr = (context: NodeContext, returned: CodeReturn, index: number): Item | undefined => {
  try {
    if ('error' in returned) return failedItem(returned.error, index)
    return itemOfReturn(returned.value, index)
  } catch (error) {
    if (!continues(context)) throw error
    return failedItem(error, index)
  }
}

const runForEach = async (context: NodeContext, code: string): Promise<readonly Item[]> => {
  const onItemError = continues(context) ? 'keep' : 'stop'
  const { perItem = [] } = await context.runCode({ language: 'javaScript', mode: 'runOnceForEachItem', code, onItemError })
  return perItem.map((returned, index) => itemOr(context, returned, index)).filter((item) => item !== undefined)
}

const inMode = (mode: string, language: string) => show({ language: [language], mode: [mode], '@version': [2] })
const modes = [
  ['Run Once for All Items', 'runOnceForAllItems'],
  ['Run Once for Each Item', 'runOnceForEachItem'],
] as const

/** Runs the user's JavaScript in the sandbox and checks that items come back. */
export const code: NodeType = {
  definition: {
    name: 'n8n-nodes-base.code',
    displayName: 'Code',
    description: 'Run custom JavaScript code',
    category: 'core',
    color: '#FF9922',
    versions: [1, 2],
    properties: [
      choice('Mode', 'mode', modes, 'runOnceForAllItems', { noDataExpression: true }),
      choice(
        'Language',
        'language',
        [
          ['JavaScript', 'javaScript'],
          ['Python (Beta)', 'python'],
          ['Python (Native)', 'pythonNative'],
        ],
        'javaScript',
        { noDataExpression: true, ...show({ '@version': [2] }) },
      ),
      text('JavaScript', 'jsCode', '', { noDataExpression: true, ...show({ '@version': [1] }) }),
      text('JavaScript', 'jsCode', '', { noDataExpression: true, ...inMode('runOnceForAllItems', 'javaScript') }),
      text('JavaScript', 'jsCode', '', { noDataExpression: true, ...inMode('runOnceForEachItem', 'javaScript') }),
      text('Python', 'pythonCode', '', { noDataExpression: true, ...show({ language: ['python', 'pythonNative'] }) }),
      notice('Type $ for a list of special variables', 'notice'),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const language = asText(await context.rawParameter('language'), 'javaScript')
    if (language !== 'javaScript') throw unsupported(context, `Language "${language}"`, 'language')
    const source = asText(await context.rawParameter('jsCode'))
    const mode = asText(await context.parameter('mode', 0))
    return [mode === 'runOnceForEachItem' ? await runForEach(context, source) : await runOnce(context, source)]
  },
  reachesOutside: (parameters) => requestsByName.test(asText(parameters['jsCode'])),
  validate: () => [],
}
