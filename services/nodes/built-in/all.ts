import type { NodeType } from '../sdk/node.ts'
import { aggregate } from './aggregate/node.ts'
import { approval } from './approval/node.ts'
import { code } from './code/node.ts'
import { compareDatasets } from './compareDatasets/node.ts'
import { compression } from './compression/node.ts'
import { convertToFile } from './convertToFile/node.ts'
import { cron } from './cron/node.ts'
import { crypto } from './crypto/node.ts'
import { dateTimeFirst } from './dateTime/first.ts'
import { dateTimeNode } from './dateTime/node.ts'
import { debugHelper } from './debugHelper/node.ts'
import { emailReadImap } from './emailReadImap/node.ts'
import { emailSend } from './emailSend/node.ts'
import { errorTrigger } from './errorTrigger/node.ts'
import { executeWorkflow } from './executeWorkflow/node.ts'
import { executeWorkflowTrigger } from './executeWorkflowTrigger/node.ts'
import { executionData } from './executionData/node.ts'
import { extractFromFile } from './extractFromFile/node.ts'
import { filter, filterClassic } from './filter/node.ts'
import { functionNode } from './function/node.ts'
import { functionItem } from './functionItem/node.ts'
import { graphql } from './graphql/node.ts'
import { html } from './html/node.ts'
import { htmlExtract } from './htmlExtract/node.ts'
import { httpRequest, httpRequestClassic } from './httpRequest/node.ts'
import { ifClassic, ifNode } from './if/node.ts'
import { interval } from './interval/node.ts'
import { itemLists } from './itemLists/node.ts'
import { jwt } from './jwt/node.ts'
import { kafkaTrigger } from './kafkaTrigger/node.ts'
import { limit } from './limit/node.ts'
import { manualTrigger } from './manualTrigger/node.ts'
import { markdown } from './markdown/node.ts'
import { mergeFirst } from './merge/classic.ts'
import { merge, mergeSecond } from './merge/node.ts'
import { moveBinaryData } from './moveBinaryData/node.ts'
import { n8nTrainingCustomerDatastore } from './n8nTrainingCustomerDatastore/node.ts'
import { n8nTrainingCustomerMessenger } from './n8nTrainingCustomerMessenger/node.ts'
import { noOp } from './noOp/node.ts'
import { readBinaryFile } from './readBinaryFile/node.ts'
import { readBinaryFiles } from './readBinaryFiles/node.ts'
import { readPDF } from './readPDF/node.ts'
import { readWriteFile } from './readWriteFile/node.ts'
import { removeDuplicates, removeDuplicatesClassic } from './removeDuplicates/node.ts'
import { renameKeys } from './renameKeys/node.ts'
import { respondToWebhook } from './respondToWebhook/node.ts'
import { rssFeedRead } from './rssFeedRead/node.ts'
import { rssFeedReadTrigger } from './rssFeedReadTrigger/node.ts'
import { scheduleTrigger } from './scheduleTrigger/node.ts'
import { setClassic } from './set/classic.ts'
import { set } from './set/node.ts'
import { sort } from './sort/node.ts'
import { splitInBatches, splitInBatchesFirst, splitInBatchesSecond } from './splitInBatches/node.ts'
import { splitOut } from './splitOut/node.ts'
import { spreadsheetFile } from './spreadsheetFile/node.ts'
import { stickyNote } from './stickyNote/node.ts'
import { stopAndError } from './stopAndError/node.ts'
import { summarize } from './summarize/node.ts'
import { switchFirst, switchSecond } from './switch/classic.ts'
import { switchNode } from './switch/node.ts'
import { totp } from './totp/node.ts'
import { wait, waitClassic } from './wait/node.ts'
import { waitForSignal } from './waitForSignal/node.ts'
import { webhook } from './webhook/node.ts'
import { writeBinaryFile } from './writeBinaryFile/node.ts'
import { xml } from './xml/node.ts'

/** Every node type that comes with the product. */
export const builtInNodes: readonly NodeType[] = [
  aggregate,
  approval,
  code,
  compareDatasets,
  compression,
  convertToFile,
  cron,
  crypto,
  dateTimeFirst,
  dateTimeNode,
  debugHelper,
  emailReadImap,
  emailSend,
  errorTrigger,
  executeWorkflow,
  executeWorkflowTrigger,
  executionData,
  extractFromFile,
  filter,
  filterClassic,
  functionItem,
  functionNode,
  graphql,
  html,
  htmlExtract,
  httpRequest,
  httpRequestClassic,
  ifClassic,
  ifNode,
  interval,
  itemLists,
  jwt,
  kafkaTrigger,
  limit,
  manualTrigger,
  markdown,
  merge,
  mergeFirst,
  mergeSecond,
  moveBinaryData,
  n8nTrainingCustomerDatastore,
  n8nTrainingCustomerMessenger,
  noOp,
  readBinaryFile,
  readBinaryFiles,
  readPDF,
  readWriteFile,
  removeDuplicates,
  removeDuplicatesClassic,
  renameKeys,
  respondToWebhook,
  rssFeedRead,
  rssFeedReadTrigger,
  scheduleTrigger,
  set,
  setClassic,
  sort,
  splitInBatches,
  splitInBatchesFirst,
  splitInBatchesSecond,
  splitOut,
  spreadsheetFile,
  stickyNote,
  stopAndError,
  summarize,
  switchFirst,
  switchNode,
  switchSecond,
  totp,
  wait,
  waitClassic,
  waitForSignal,
  webhook,
  writeBinaryFile,
  xml,
]
