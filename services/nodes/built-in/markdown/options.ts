import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { NodeProperty } from '@weconnect/contracts/node'
import type { NodeHtmlMarkdownOptions } from 'node-html-markdown'
import { group, groups, number, text, toggle } from '../../sdk/property.ts'
import { asNames, asObject, asObjects, asText } from '../per-item.ts'

const pattern = [text('Pattern', 'pattern'), text('Replacement', 'replacement')]

export const toMarkdownOptions: readonly NodeProperty[] = [
  text('Bullet Marker', 'bulletMarker', '*'),
  text('Code Block Fence', 'codeFence', '```'),
  text('Emphasis Delimiter', 'emDelimiter', '_'),
  groups('Global Escape Pattern', 'globalEscape', [group('Value', 'value', pattern)]),
  text('Ignored Elements', 'ignore'),
  toggle('Keep Images With Data', 'keepDataImages', false),
  groups('Line Start Escape Pattern', 'lineStartEscape', [group('Value', 'value', pattern)]),
  number('Max Consecutive New Lines', 'maxConsecutiveNewlines', 3),
  toggle('Place URLs At The Bottom', 'useLinkReferenceDefinitions', false),
  text('Strong Delimiter', 'strongDelimiter', '**'),
  text('Style For Code Block', 'codeBlockStyle', 'fence'),
  groups('Text Replacement Pattern', 'textReplace', [group('Values', 'values', pattern)], { many: true, value: [] }),
  text('Treat As Blocks', 'blockElements'),
]

/** On and off switches of the Markdown to HTML converter, by their names in n8n, which are the converter's own. */
const switches = [
  'backslashEscapesHTMLTags',
  'completeHTMLDocument',
  'customizedHeaderId',
  'emoji',
  'encodeEmails',
  'excludeTrailingPunctuationFromURLs',
  'ghCodeBlocks',
  'ghCompatibleHeaderId',
  'ghMentions',
  'literalMidWordAsterisks',
  'literalMidWordUnderscores',
  'noHeaderId',
  'openLinksInNewWindow',
  'parseImgDimensions',
  'rawHeaderId',
  'rawPrefixHeaderId',
  'requireSpaceBeforeHeadingText',
  'simpleLineBreaks',
  'simplifiedAutoLink',
  'smartIndentationFix',
  'splitAdjacentBlockquotes',
  'strikethrough',
  'tables',
  'tablesHeaderId',
  'tasklists',
  'underline',
] as const
const onByDefault: ReadonlySet<string> = new Set(['encodeEmails', 'ghCodeBlocks'])
const values = ['ghMentionsLink', 'headerLevelStart', 'prefixHeaderId'] as const

export const toHtmlOptions: readonly NodeProperty[] = [
  ...switches.map((name) => toggle(name, name, onByDefault.has(name))),
  text('GitHub Mention Link', 'ghMentionsLink', 'https://github.com/{u}'),
  number('Header Level Start', 'headerLevelStart', 1),
  text('Prefix Header ID', 'prefixHeaderId', 'section'),
]

/** Options of the Markdown to HTML converter: the known ones and no others. */
export const converterOptions = (options: JsonObject): Readonly<Record<string, JsonValue>> =>
  Object.fromEntries([...switches, ...values].flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])))

const expression = (source: JsonValue | undefined, flags: string): RegExp => new RegExp(asText(source), flags)
const escapePattern = (value: JsonValue | undefined, flags: string): readonly [RegExp, string] | undefined => {
  const { pattern: source, replacement } = asObject(asObject(value)['value'])
  return source === undefined ? undefined : [expression(source, flags), asText(replacement)]
}

/** Options of the HTML to Markdown converter. */
export const markdownOptions = (options: JsonObject): Partial<NodeHtmlMarkdownOptions> => {
  const plain = ['bulletMarker', 'codeFence', 'emDelimiter', 'strongDelimiter', 'keepDataImages', 'maxConsecutiveNewlines']
  const made: Record<string, unknown> = Object.fromEntries(
    [...plain, 'useLinkReferenceDefinitions', 'codeBlockStyle'].flatMap((name) =>
      options[name] === undefined ? [] : [[name, options[name]]],
    ),
  )
  for (const name of ['ignore', 'blockElements']) if (options[name] !== undefined) made[name] = asNames(options[name])
  made['globalEscape'] = escapePattern(options['globalEscape'], 'gm')
  made['lineStartEscape'] = escapePattern(options['lineStartEscape'], 'gm')
  const replacements = asObjects(asObject(options['textReplace'])['values'])
  if (replacements.length > 0)
    made['textReplace'] = replacements.map((one) => [expression(one['pattern'], 'g'), asText(one['replacement'])])
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined))
}
