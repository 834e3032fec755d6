import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../engine.ts'
import { copyJars, java } from '../maven.ts'
import { isOpen } from '../ports.ts'
import { run } from '../run.ts'

const version = '1.47.0'

/** It announces wire version 8; the npm driver 7 refuses anything below 9. */
const launcher = `import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;
public class Launch {
  public static void main(String[] a) throws Exception {
    MemoryBackend backend = new MemoryBackend();
    backend.version(new MongoVersion() {
      public List<Integer> getVersionArray() { return List.of(5, 0, 0); }
      public int getWireVersion() { return 9; }
    });
    MongoServer server = new MongoServer(backend);
    server.bind("127.0.0.1", Integer.parseInt(a[0]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
    Thread.currentThread().join();
  }
}
`

/** mongo-java-server: MongoDB's wire protocol, in memory; no transactions, no change streams. */
export const mongo: Engine = {
  name: 'mongo',
  version,
  needs: ['java', 'javac', 'mvn'],
  portCount: 1,
  install: async (folder) => {
    await copyJars(folder, [`de.bwaldvogel:mongo-java-server:${version}`, 'org.slf4j:slf4j-simple:2.0.17'])
    const source = join(folder, 'Launch.java')
    await writeFile(source, launcher)
    await run(['javac', '-cp', join(folder, 'libs', '*'), '-d', join(folder, 'classes'), source])
  },
  launch: async ({ installed, ports }) => ({
    command: [...java(256), '-cp', `${join(installed, 'classes')}:${join(installed, 'libs', '*')}`, 'Launch', String(ports[0])],
  }),
  isReady: ({ ports }) => isOpen(ports[0] ?? 0),
  variables: ({ ports }) => ({ MONGODB_URL: `mongodb://127.0.0.1:${ports[0]}/weconnect` }),
}
