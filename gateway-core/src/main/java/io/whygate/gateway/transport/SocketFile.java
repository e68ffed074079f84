package io.whygate.gateway.transport;

import java.io.IOException;
import java.net.BindException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file of a Unix socket that is listened to.
///
/// The socket is bound to a name beside the wanted one, given its permissions, and moved into
/// place: nobody finds it with others, a file that a dead process left is replaced, and clients
/// find one at every moment. Not for an event loop.
public final class SocketFile {
  private static final Logger LOG = LoggerFactory.getLogger(SocketFile.class);
  private static final String PROVISIONAL = ".new";

  private final Path path;
  private @Nullable Object identity;

  private SocketFile(Path path) {
    this.path = path;
  }

  /// Finds out whether a socket may take this place.
  ///
  /// @throws BindException where somebody listens there
  /// @throws IOException where something else than a socket is there, or that cannot be found out
  public static SocketFile at(Path path) throws IOException {
    BasicFileAttributes there = attributes(path);
    if (there != null) {
      if (!there.isOther()) {
        throw new FileSystemException(path.toString(), null, "there is a file that is no socket");
      }
      if (isListenedTo(path)) {
        throw new BindException("address already in use");
      }
    }
    SocketFile file = new SocketFile(path);
    Files.deleteIfExists(file.provisional());
    return file;
  }

  private static @Nullable BasicFileAttributes attributes(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException _) {
      return null;
    }
  }

  /// Without waiting: a socket whose queue is full is listened to.
  private static boolean isListenedTo(Path path) throws IOException {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(UnixDomainSocketAddress.of(path));
      return true;
    } catch (SocketException refused) {
      if (String.valueOf(refused.getMessage()).contains("refused")) {
        return false;
      }
      throw refused;
    }
  }

  /// Where the socket is to be bound, so that [#publish] may move it into place.
  public Path provisional() {
    return path.resolveSibling(path.getFileName() + PROVISIONAL);
  }

  /// Gives the bound socket its permissions and its name.
  public void publish(Set<PosixFilePermission> mode) throws IOException {
    Files.setPosixFilePermissions(provisional(), mode);
    identity = Files.readAttributes(provisional(), BasicFileAttributes.class).fileKey();
    Files.move(
        provisional(), path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /// Gives it other permissions.
  public void permit(Set<PosixFilePermission> mode) {
    try {
      Files.setPosixFilePermissions(path, mode);
    } catch (IOException e) {
      LOG.warn("the permissions of {} cannot be changed: {}", path, reason(e));
    }
  }

  /// Takes the file away, unless another gateway has put its own there.
  public void remove() {
    Object mine = identity;
    identity = null;
    try {
      BasicFileAttributes there = attributes(path);
      if (mine != null && there != null && mine.equals(there.fileKey())) {
        Files.delete(path);
      }
      Files.deleteIfExists(provisional());
    } catch (IOException e) {
      LOG.warn("{} cannot be taken away: {}", path, reason(e));
    }
  }

  private static String reason(IOException e) {
    return e instanceof AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }
}
