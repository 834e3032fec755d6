import { join } from 'node:path'
import type { Engine, Place } from '../engine.ts'
import { goInstall } from '../go.ts'
import { answers } from '../ports.ts'

const version = 'v0.0.0-20260212201848-7aac2a2c5b7c'
const url = ({ ports }: Place): string => `http://127.0.0.1:${ports[0]}`

/** MinIO (S3), built from source: minutes, once. */
export const minio: Engine = {
  name: 'minio',
  version,
  needs: ['go'],
  portCount: 1,
  install: (folder) =>
    goInstall(folder, `github.com/minio/minio@${version}`, { flags: ['-trimpath', '-ldflags', '-s -w'], env: { CGO_ENABLED: '0' } }),
  launch: async ({ installed, data, ports }) => ({
    command: [join(installed, 'minio'), 'server', data, '--address', `127.0.0.1:${ports[0]}`, '--quiet'],
    env: {
      HOME: data,
      MINIO_ROOT_USER: 'weconnect',
      MINIO_ROOT_PASSWORD: 'weconnect',
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      MINIO_CI_CD: '1',
    },
  }),
  // It calls itself ready before it takes requests.
  isReady: (place) => answers(`${url(place)}/minio/health/cluster`),
  variables: (place) => ({
    BLOB_URL: `s3+${url(place)}/weconnect`,
    AWS_ACCESS_KEY_ID: 'weconnect',
    AWS_SECRET_ACCESS_KEY: 'weconnect',
    AWS_REGION: 'us-east-1',
  }),
}
