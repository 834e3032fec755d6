export interface Command {
  readonly name: string
  /** The call without `./weconnect`. */
  readonly synopsis: string
  readonly summary: string
  /** @returns exit code */
  run(args: readonly string[]): Promise<number>
}
