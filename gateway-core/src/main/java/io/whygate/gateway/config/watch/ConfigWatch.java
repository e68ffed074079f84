package io.whygate.gateway.config.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks at a set of files again and again and tells when one of them changed.
///
/// Polling sees what notifications miss: an editor that renames a new file into place, a symbolic
/// link that is turned (as Kubernetes does with mounted secrets), a file on a network. A change is
/// told once the files have kept still for one look, so that half of a file is seldom read. It is
/// told on the watch's own virtual thread.
public final class ConfigWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);

  private final Duration interval;
  private final Runnable changed;
  private final Thread thread;
  private Map<Path, FileState> known;
  private volatile boolean closed;

  /// Starts to look.
  ///
  /// @param interval between two looks
  /// @param changed is called after a change; may call [#watch]
  public ConfigWatch(Set<Path> files, Duration interval, Runnable changed) {
    this.interval = interval;
    this.changed = changed;
    this.known = look(files);
    this.thread = Thread.ofVirtual().name("config-watch").unstarted(this::run);
    this.thread.start();
  }

  /// Looks at these files from now on; what they are now counts as known.
  public synchronized void watch(Set<Path> files) {
    Map<Path, FileState> now = look(files);
    // A file that changed since it was last looked at has to be told of, even if it is kept.
    now.replaceAll((file, state) -> known.getOrDefault(file, state));
    known = now;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private void run() {
    while (!closed) {
      try {
        Thread.sleep(interval);
        if (hasChanged()) {
          awaitStillness();
          changed.run();
        }
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException failure) {
        LOG.warn("a change of the configuration's files could not be handled", failure);
      }
    }
  }

  private synchronized boolean hasChanged() {
    return !look(known.keySet()).equals(known);
  }

  private void awaitStillness() throws InterruptedException {
    Map<Path, FileState> before = remember();
    while (true) {
      Thread.sleep(interval);
      Map<Path, FileState> now = remember();
      if (now.equals(before)) {
        return;
      }
      before = now;
    }
  }

  private synchronized Map<Path, FileState> remember() {
    known = look(known.keySet());
    return known;
  }

  private static Map<Path, FileState> look(Set<Path> files) {
    return files.stream().collect(Collectors.toMap(Function.identity(), FileState::of));
  }

  /// What tells one content of a file from the next.
  ///
  /// @param target where its symbolic links lead
  /// @param key its inode
  private record FileState(
      @Nullable Path target, @Nullable FileTime modified, long size, @Nullable Object key) {
    private static final FileState ABSENT = new FileState(null, null, -1, null);

    static FileState of(Path file) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new FileState(
            file.toRealPath(),
            attributes.lastModifiedTime(),
            attributes.size(),
            attributes.fileKey());
      } catch (IOException _) {
        return ABSENT;
      }
    }
  }
}
