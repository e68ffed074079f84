package io.whygate.gateway.transport;

import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A pipe of the system, through which bytes go from socket to socket without a copy (splice(2)).
///
/// Never blocks. Confined to an event loop.
final class Pipe {
  private static final Logger LOG = LoggerFactory.getLogger(Pipe.class);
  private static final long NO_OFFSET = -1;

  private final FileDescriptor out;
  private final FileDescriptor in;

  /// @throws IOException where the system gives no descriptors
  Pipe() throws IOException {
    FileDescriptor[] ends = FileDescriptor.pipe();
    out = ends[0];
    in = ends[1];
  }

  /// Takes up to so many bytes from a socket.
  ///
  /// @return how many; 0 where nothing has come, or nothing more will
  int fill(FileDescriptor socket, int most) throws IOException {
    return Native.splice(socket.intValue(), NO_OFFSET, in.intValue(), NO_OFFSET, most);
  }

  /// Gives up to so many bytes to a socket.
  ///
  /// @return how many; 0 where it takes none for now
  int drain(FileDescriptor socket, int most) throws IOException {
    return Native.splice(out.intValue(), NO_OFFSET, socket.intValue(), NO_OFFSET, most);
  }

  void close() {
    close(in);
    close(out);
  }

  private static void close(FileDescriptor end) {
    try {
      end.close();
    } catch (IOException e) {
      LOG.warn("a pipe could not be closed", e);
    }
  }
}
