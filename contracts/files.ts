/** What a node may ask of the files that workflows may reach. Paths are as the user wrote them. */
export type FileRequest =
  | { readonly kind: 'list'; readonly pattern: string }
  | { readonly kind: 'read'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly base64: string; readonly append: boolean }

/** `list`: the paths that match, sorted; `read`: the bytes; `write`: nothing. */
export interface FileAnswer {
  readonly paths?: readonly string[]
  readonly base64?: string
}

export interface Files {
  /**
   * @throws WeConnectError FILE_DENIED outside the allowed folders, for what is no plain file, or when no folder is allowed;
   * NOT_FOUND; FILE_FAILED when the file system refuses or a limit is reached
   */
  perform(request: FileRequest): Promise<FileAnswer>
}
