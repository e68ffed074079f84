package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.icmp.Connecting;
import io.whygate.diagnostics.probe.icmp.Conversation;
import io.whygate.diagnostics.probe.icmp.Errno;
import io.whygate.diagnostics.probe.icmp.SystemSockets;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/// Tries single connections: by the system's own sockets, which know the ICMP message behind an
/// error, else by the JDK's.
final class Dialler {
  private Dialler() {}

  /// What came of one connection, which is closed.
  ///
  /// @param icmp the ICMP message that answered
  record Dial(DialOutcome outcome, Optional<IcmpMessage> icmp) {}

  static Dial dial(InetSocketAddress target, Deadline deadline) {
    return dial(target, deadline, _ -> {});
  }

  /// Tries one connection, and closes it after this was done with it.
  ///
  /// @param accepted what is done with it where it is accepted
  static Dial dial(InetSocketAddress target, Deadline deadline, Consumer<Conversation> accepted) {
    return SystemSockets.find()
        .flatMap(sockets -> sockets.connect(target, deadline.remainingMillis(), accepted))
        .map(tried -> new Dial(outcomeOf(tried), tried.icmp()))
        .orElseGet(() -> new Dial(byTheJdk(target, deadline, accepted), Optional.empty()));
  }

  private static DialOutcome outcomeOf(Connecting tried) {
    return switch (tried.errno()) {
      case 0 -> DialOutcome.ACCEPTED;
      case Errno.ETIMEDOUT -> DialOutcome.SILENT;
      case Errno.ECONNREFUSED -> DialOutcome.REFUSED;
      case Errno.EPERM, Errno.EACCES -> DialOutcome.DENIED;
      case Errno.EHOSTUNREACH ->
          tried.isUnrouted() ? DialOutcome.UNROUTED : DialOutcome.HOST_UNREACHABLE;
      default -> {
        if (tried.isUnrouted()) {
          yield DialOutcome.UNROUTED;
        }
        if (tried.errno() == Errno.ENETUNREACH) {
          yield DialOutcome.NETWORK_UNREACHABLE;
        }
        yield tried.icmp().isPresent() ? DialOutcome.HOST_UNREACHABLE : DialOutcome.NOT_DIALLED;
      }
    };
  }

  private static DialOutcome byTheJdk(
      InetSocketAddress target, Deadline deadline, Consumer<Conversation> accepted) {
    try (var socket = new Socket()) {
      socket.connect(target, deadline.remainingMillis());
      accepted.accept((request, limit, millis) -> ask(socket, request, limit, millis));
      return DialOutcome.ACCEPTED;
    } catch (IOException e) {
      return outcomeOf(e);
    }
  }

  private static Optional<byte[]> ask(Socket socket, byte[] request, int limit, int millis) {
    try {
      socket.setSoTimeout(millis);
      socket.getOutputStream().write(request);
      byte[] into = new byte[limit];
      int length = socket.getInputStream().read(into);
      return Optional.of(Arrays.copyOf(into, Math.max(0, length)));
    } catch (SocketTimeoutException _) {
      return Optional.empty();
    } catch (IOException _) {
      return Optional.of(new byte[0]);
    }
  }

  /// What an exception of a connect says. The JDK gives each errno its own type, but for
  /// ENETUNREACH, which is a plain `SocketException`, as EMFILE and EACCES are.
  static DialOutcome outcomeOf(IOException e) {
    return switch (e) {
      case SocketTimeoutException _ -> DialOutcome.SILENT;
      case NoRouteToHostException _ -> DialOutcome.HOST_UNREACHABLE;
      case ConnectException _ -> DialOutcome.REFUSED;
      case BindException _ -> DialOutcome.NOT_DIALLED;
      case SocketException _ -> DialOutcome.NETWORK_UNREACHABLE;
      default -> DialOutcome.NOT_DIALLED;
    };
  }
}
