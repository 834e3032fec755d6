/**
 * Small and fast: the read models of one machine. The log is the truth, so nothing is shipped to standbys, but what PostgreSQL says it has
 * written it has (fsync stays on); only the projections' sessions relax their own commits.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '32MB',
  work_mem: '4MB',
  maintenance_work_mem: '32MB',
  fsync: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '512MB',
  min_wal_size: '64MB',
  checkpoint_timeout: '10min',
  autovacuum: 'on',
  autovacuum_max_workers: '2',
  autovacuum_naptime: '15s',
  jit: 'off',
  io_method: 'sync',
  max_worker_processes: '2',
  max_parallel_workers: '0',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
  huge_pages: 'off',
  random_page_cost: '1.1',
  log_min_messages: 'warning',
  log_line_prefix: '%m ',
  logging_collector: 'off',
}

/** Arguments of `postgres`. */
export const serverArguments = (data: string, socket: string, port: number): readonly string[] => [
  '-D',
  data,
  '-k',
  socket,
  '-p',
  String(port),
  ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
]
