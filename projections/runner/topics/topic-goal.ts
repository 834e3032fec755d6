import type { Position } from '@weconnect/contracts/envelope'
import type { TopicGroup } from '@weconnect/kafka/topic-group'
import type { Sql } from '@weconnect/postgres/pool'
import type { ProjectionState } from '../state.ts'
import type { RelayMarks } from './relay-marks.ts'
import { type KeptPlace, readPlaces } from './topic-places.ts'
import { placeKey } from './topic-writer.ts'

/** How far a projection is as a whole, whoever has its partitions. */
export interface TopicGoal {
  /** Who has the relay's checkpoints says how far all are; the others read it. */
  follow(): Promise<void>
  /** Whether all that the relay had published at some moment is in the tables. @param places of our partitions */
  check(member: TopicGroup, places: ReadonlyMap<string, KeptPlace>): Promise<void>
}

export const topicGoal = (sql: Sql, marks: RelayMarks, state: ProjectionState, onMoved: () => void): TopicGoal => {
  const { name } = state.projection
  const moveTo = (position: Position): void => {
    state.position = position
    onMoved()
  }
  const follow = async (): Promise<void> => {
    const [row] = await sql.query<{ position: string | null }>('select position from public.projection_checkpoints where name = $1', [name])
    const position = row?.position ?? undefined
    if (position !== undefined && (state.position === undefined || position > state.position)) moveTo(position)
  }
  return {
    follow,
    check: async (member, places) => {
      if (marks.place() === undefined) return follow()
      const position = await marks.reached(member, state.position, async (partitions) => {
        const others = partitions.some((each) => !places.has(placeKey(each))) ? await readPlaces(sql, name) : []
        return new Map([...others.map((place) => [placeKey(place), place] as const), ...places])
      })
      if (position === undefined) return
      await sql.query(
        'update public.projection_checkpoints set position = $2 where name = $1 and (position is null or position collate "C" < $2)',
        [name, position],
      )
      moveTo(position)
    },
  }
}
