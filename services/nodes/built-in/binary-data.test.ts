import { expect, test } from 'vitest'
import { binaryIn, binaryOf, sizeText } from './binary-data.ts'

test.each([
  [0, '0 B'],
  [69, '69 B'],
  [999, '999 B'],
  [1045, '1.04 kB'],
  [3070, '3.07 kB'],
  [17814, '17.8 kB'],
  [1_000_000, '1 MB'],
])('%i bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text))

test('type and extension come from the name, then from the type, then from the bytes', async () => {
  expect(await binaryOf(Buffer.from('a'), '/in/a.csv')).toEqual({
    mimeType: 'text/csv',
    fileType: 'text',
    fileExtension: 'csv',
    data: 'YQ==',
    directory: '/in',
    fileName: 'a.csv',
    fileSize: '1 B',
    bytes: 1,
  })
  expect(await binaryOf(Buffer.from('{}'), undefined, 'application/json')).toMatchObject({ fileType: 'json', fileExtension: 'json' })
  expect(await binaryOf(Buffer.from('89504e470d0a', 'hex'))).toMatchObject({
    mimeType: 'image/png',
    fileType: 'image',
    fileExtension: 'png',
  })
  expect(await binaryOf(Buffer.from('words'))).toMatchObject({ mimeType: 'text/plain', fileExtension: 'txt' })
})

test('a field that is not the own of the item is none', () => {
  for (const name of ['data', '__proto__', 'constructor'])
    expect(() => binaryIn({ json: {}, binary: {} }, name, 3)).toThrow(`binary file '${name}', but none was found [item 3]`)
})
