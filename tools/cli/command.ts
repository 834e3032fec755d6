export interface Command {
  readonly name: string
  /** The call without `./weconnect`. */
  readonly synopsis: string
  readonly summary: string
  /** What its options do, a line each; beside those that every command has. */
  readonly options: readonly string[]
  /** @returns exit code */
  run(args: readonly string[]): Promise<number>
}
