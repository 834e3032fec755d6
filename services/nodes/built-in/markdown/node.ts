import type { JsonObject } from '@weconnect/contracts/json'
import { withValueAt } from '../../parameters/paths.ts'
import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, collection, show, text } from '../../sdk/property.ts'
import { eachItem } from '../each-item.ts'
import { asObject, asText, type Columns } from '../per-item.ts'
import { withinTime } from '../within-time.ts'
import { converterOptions, markdownOptions, toHtmlOptions, toMarkdownOptions } from './options.ts'

const toMarkdown = async (html: string, options: JsonObject): Promise<string> => {
  const { NodeHtmlMarkdown } = await import('node-html-markdown')
  return withinTime('Turning the HTML into Markdown', () => NodeHtmlMarkdown.translate(html, markdownOptions(options)))
}

const toHtml = async (markdown: string, options: JsonObject): Promise<string> => {
  const { default: showdown } = await import('showdown')
  return withinTime('Turning the Markdown into HTML', () => new showdown.Converter(converterOptions(options)).makeHtml(markdown))
}

const convert = (index: number, read: Columns): Promise<string> => {
  const options = asObject(read('options', index))
  return read('mode', index) === 'markdownToHtml'
    ? toHtml(asText(read('markdown', index)), options)
    : toMarkdown(asText(read('html', index)), options)
}

const modes = [
  ['Markdown to HTML', 'markdownToHtml'],
  ['HTML to Markdown', 'htmlToMarkdown'],
] as const

/** Turns Markdown into HTML and back. */
export const markdown: NodeType = {
  definition: {
    name: 'n8n-nodes-base.markdown',
    displayName: 'Markdown',
    description: 'Convert data between Markdown and HTML',
    category: 'data',
    versions: [1],
    properties: [
      choice('Mode', 'mode', modes, 'htmlToMarkdown'),
      text('HTML', 'html', '', show({ mode: ['htmlToMarkdown'] })),
      text('Markdown', 'markdown', '', show({ mode: ['markdownToHtml'] })),
      text('Destination Key', 'destinationKey', 'data'),
      collection('Options', 'options', toMarkdownOptions, show({ mode: ['htmlToMarkdown'] })),
      collection('Options', 'options', toHtmlOptions, show({ mode: ['markdownToHtml'] })),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => [
    await eachItem(context, ['mode', 'html', 'markdown', 'destinationKey', 'options'], async (item, index, read) => ({
      json: withValueAt(item.json, asText(read('destinationKey', index), 'data') || 'data', await convert(index, read)),
      ...(item.binary && { binary: item.binary }),
      pairedItem: { item: index },
    })),
  ],
  validate: () => [],
}
