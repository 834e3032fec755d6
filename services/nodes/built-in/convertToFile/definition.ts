import type { NodeDefinition } from '@weconnect/contracts/node'
import { main } from '../../sdk/ports.ts'
import { choice, collection, dateTime, group, groups, number, show, text, toggle } from '../../sdk/property.ts'
import { sheetWriteOptions } from '../sheet-options.ts'
import { sheetFormats } from '../spreadsheets.ts'

const operations = [
  ['Convert to CSV', 'csv'],
  ['Convert to HTML', 'html'],
  ['Convert to ICS', 'iCal'],
  ['Convert to JSON', 'toJson'],
  ['Convert to ODS', 'ods'],
  ['Convert to RTF', 'rtf'],
  ['Convert to Text File', 'toText'],
  ['Convert to XLS', 'xls'],
  ['Convert to XLSX', 'xlsx'],
  ['Move Base64 String to File', 'toBinary'],
] as const
const modes = [
  ['All Items to One File', 'once'],
  ['Each Item to Separate File', 'each'],
] as const

const sheets = show({ operation: [...sheetFormats] })
const calendar = show({ operation: ['iCal'] })
const toJson = show({ operation: ['toJson'] })
const toText = show({ operation: ['toText'] })
const toBinary = show({ operation: ['toBinary'] })

const addBOM = toggle('Add Byte Order Mark (BOM)', 'addBOM', false)
const encoding = text('Encoding', 'encoding', 'utf8')
const fileName = text('File Name', 'fileName')

const attendee = [text('Name', 'name'), text('Email', 'email'), toggle('RSVP', 'rsvp', false)]
const calendarFields = [
  groups('Attendees', 'attendeesUi', [group('Attendees', 'attendeeValues', attendee)], { many: true }),
  choice(
    'Busy Status',
    'busyStatus',
    [
      ['Busy', 'BUSY'],
      ['Tentative', 'TENTATIVE'],
    ],
    '',
  ),
  text('Calendar Name', 'calName'),
  text('Description', 'description'),
  text('File Name', 'fileName', 'event.ics'),
  groups('Geolocation', 'geolocationUi', [group('Geolocation', 'geolocationValues', [text('Latitude', 'lat'), text('Longitude', 'lon')])]),
  text('Location', 'location'),
  text('Recurrence Rule', 'recurrenceRule'),
  groups('Organizer', 'organizerUi', [group('Organizer', 'organizerValues', [text('Name', 'name'), text('Email', 'email')])]),
  number('Sequence', 'sequence', 0),
  choice(
    'Status',
    'status',
    [
      ['Confirmed', 'CONFIRMED'],
      ['Cancelled', 'CANCELLED'],
      ['Tentative', 'TENTATIVE'],
    ],
    'CONFIRMED',
  ),
  text('UID', 'uid'),
  text('URL', 'url'),
  toggle('Use Workflow Timezone', 'useWorkflowTimezone', false),
]

export const definition: NodeDefinition = {
  name: 'n8n-nodes-base.convertToFile',
  displayName: 'Convert to File',
  description: 'Convert JSON data to binary data',
  category: 'data',
  color: '#2244FF',
  versions: [1, 1.1],
  properties: [
    choice('Operation', 'operation', operations, 'csv'),
    text('Put Output File in Field', 'binaryPropertyName', 'data', { required: true }),
    choice('Mode', 'mode', modes, 'once', toJson),
    text('Text Input Field', 'sourceProperty', '', { required: true, ...toText }),
    text('Base64 Input Field', 'sourceProperty', '', { required: true, ...toBinary }),
    text('Event Title', 'title', '', calendar),
    dateTime('Start', 'start', '', { required: true, ...calendar }),
    dateTime('End', 'end', '', { required: true, ...calendar }),
    toggle('All Day', 'allDay', false, calendar),
    collection('Options', 'additionalFields', calendarFields, calendar),
    collection('Options', 'options', sheetWriteOptions, sheets),
    collection('Options', 'options', [addBOM, encoding, fileName, toggle('Format', 'format', false)], toJson),
    collection('Options', 'options', [addBOM, encoding, fileName], toText),
    collection(
      'Options',
      'options',
      [toggle('Data Is Base64', 'dataIsBase64', true), encoding, fileName, text('MIME Type', 'mimeType')],
      toBinary,
    ),
  ],
  inputs: main,
  outputs: main,
  effects: 'pure',
}
