package io.whygate.gateway.transport;

import io.netty.channel.Channel;
import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Errors.NativeIoException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.concurrent.FastThreadLocal;
import io.whygate.gateway.transport.SpliceCounts.Obstacle;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the bytes of a TCP connection go on to another as they are, they need not be copied into
/// the gateway and out again: the kernel moves them (splice(2)). Who reads such a connection asks
/// to be told before the transport reads it, and takes [PipedBytes] from it.
///
/// For connections of [Transport#EPOLL] on one event loop; confined to that. A pipe carries one
/// piece at a time, so that what is in it is always the next thing to be sent; a few empty ones are
/// kept.
public final class Splices {
  private static final Logger LOG = LoggerFactory.getLogger(Splices.class);

  /// What one piece is at most, as large as a read. A pipe has 16 places for pages or parts of
  /// packets, which may be larger than that together.
  private static final int MOST = 128 * 1024;

  private static final int SPARE_PIPES = 16;

  private static final int EPERM = 1;
  private static final int ENOMEM = 12;
  private static final int EINVAL = 22;
  private static final int ENOSYS = 38;

  private static final FastThreadLocal<Splices> CURRENT =
      new FastThreadLocal<>() {
        @Override
        protected Splices initialValue() {
          return new Splices();
        }
      };

  private final IntObjectHashMap<Watched> watched = new IntObjectHashMap<>();
  private final Deque<Pipe> spare = new ArrayDeque<>();
  private SpliceCounts counts = new SpliceCounts();
  private int most;
  private int used;

  /// Whether this system has turned out not to splice: everything is read then.
  private boolean refused;

  private Splices() {}

  /// Sets how many pipes may hold something at a time; 0, as at first, for none.
  ///
  /// @param by what counts
  public void most(int pipes, SpliceCounts by) {
    most = pipes;
    counts = by;
  }

  /// Who is told that bytes have come.
  public interface Reader {
    /// Bytes have come on the connection.
    ///
    /// @return whether they were taken; else the transport reads them into a buffer
    boolean takesUnread();
  }

  private record Watched(EpollSocketChannel channel, Reader reader) {}

  /// Those of the event loop that calls.
  public static Splices current() {
    return CURRENT.get();
  }

  /// Has a reader told of what comes on a connection, before it is read. Does nothing for
  /// connections whose bytes are not those of the socket, by TLS, and with transports other than
  /// [Transport#EPOLL].
  public void watch(Channel channel, Reader reader) {
    if (channel instanceof EpollSocketChannel socket && isPlain(channel)) {
      watched.put(socket.fd().intValue(), new Watched(socket, reader));
    }
  }

  private static boolean isPlain(Channel channel) {
    return channel.pipeline().get(SslHandler.class) == null;
  }

  /// Tells nobody any more.
  public void unwatch(Channel channel) {
    if (channel instanceof EpollSocketChannel socket) {
      int fd = socket.fd().intValue();
      Watched found = watched.get(fd);
      if (found != null && found.channel.equals(channel)) {
        watched.remove(fd);
      }
    }
  }

  /// Takes bytes that came on one connection, to be written to another.
  ///
  /// @param wanted so many at most
  /// @param elseRead whether they are read where they cannot be taken, which is counted; else they
  ///   are asked for again
  /// @return null where there are none, or the system has no pipe for them: a plain read says which
  /// @throws IOException as a read would
  public @Nullable PipedBytes take(Channel from, Channel to, long wanted, boolean elseRead)
      throws IOException {
    if (!(from instanceof EpollSocketChannel source && to instanceof EpollSocketChannel target)) {
      return null;
    }
    Pipe pipe = pipe(elseRead);
    if (pipe == null) {
      return null;
    }
    int count = 0;
    try {
      count = pipe.fill(source.fd(), (int) Math.min(wanted, MOST));
    } catch (NativeIoException e) {
      if (!isRefusal(-e.expectedErr())) {
        throw e;
      }
      copied(Obstacle.SYSTEM, elseRead);
      if (!refused) {
        refused = true;
        LOG.warn("this system does not splice ({}): large answers are copied", e.getMessage());
      }
    } finally {
      if (count <= 0) {
        giveBack(pipe, true);
      }
    }
    if (count <= 0) {
      return null;
    }
    counts.taken(count);
    return new PipedBytes(this, pipe, target.fd(), count);
  }

  /// Whether it says nothing of the connection: a sandbox, a kernel of another kind.
  private static boolean isRefusal(int errno) {
    return errno == EPERM || errno == ENOSYS || errno == EINVAL || errno == ENOMEM;
  }

  private void copied(Obstacle why, boolean isRead) {
    if (isRead) {
      counts.copied(why);
    }
  }

  private @Nullable Pipe pipe(boolean elseRead) {
    if (most == 0) {
      return null;
    }
    if (used >= most || refused) {
      copied(refused ? Obstacle.SYSTEM : Obstacle.PIPES, elseRead);
      return null;
    }
    Pipe found = spare.pollFirst();
    if (found == null) {
      try {
        found = new Pipe();
      } catch (IOException _) {
        // Descriptors are short: who needs them more is told elsewhere.
        copied(Obstacle.DESCRIPTORS, elseRead);
        return null;
      }
    }
    used++;
    return found;
  }

  /// @param empty whether nothing is left in it
  void giveBack(Pipe pipe, boolean empty) {
    used--;
    if (empty && spare.size() < Math.min(most, SPARE_PIPES)) {
      spare.addFirst(pipe);
    } else {
      pipe.close();
    }
  }

  /// Offers an event to who watches its connection. What else the event says than that bytes have
  /// come, an end or an error, is the transport's to tell.
  ///
  /// @return whether that took it
  boolean take(IoHandle handle, IoEvent event) {
    if (watched.isEmpty()
        || !(event instanceof EpollIoEvent epoll && epoll.ops().equals(EpollIoOps.EPOLLIN))
        || !(handle instanceof EpollIoHandle of)) {
      return false;
    }
    int fd = of.fd().intValue();
    Watched found = watched.get(fd);
    if (found == null) {
      return false;
    }
    if (!handle.equals(found.channel.unsafe())) {
      watched.remove(fd);
      return false;
    }
    return found.reader.takesUnread();
  }

  /// The event loop ends.
  void close() {
    most = 0;
    spare.forEach(Pipe::close);
    spare.clear();
    watched.clear();
  }
}
