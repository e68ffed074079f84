package io.whygate.diagnostics.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder of what one program keeps over a restart; a lock keeps a second program out.
public final class StateFolder implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(StateFolder.class);

  private final Path folder;
  private final FileChannel lock;

  private StateFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// Opens the folder, and makes it where it is not there; empty, with one line in the log, where
  /// that cannot be done or another program has it: nothing is kept then.
  public static Optional<StateFolder> open(Path folder) {
    try {
      Files.createDirectories(folder);
      FileChannel lock =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isTaken(lock)) {
        lock.close();
        LOG.warn("Nothing is kept over a restart: another program keeps its state in {}", folder);
        return Optional.empty();
      }
      return Optional.of(new StateFolder(folder, lock));
    } catch (IOException | UnsupportedOperationException e) {
      LOG.warn(
          "Nothing is kept over a restart: {} cannot be written to ({})", folder, e.toString());
      return Optional.empty();
    }
  }

  private static boolean isTaken(FileChannel lock) throws IOException {
    try {
      return lock.tryLock() == null;
    } catch (OverlappingFileLockException _) {
      return true;
    }
  }

  /// A file of the folder.
  public Path file(String name) {
    return folder.resolve(name);
  }

  /// Lets others have the folder.
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      LOG.debug("The lock of {} could not be given back", folder, e);
    }
  }
}
