package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.SocketDialled;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Tries connections: the same place again, and other ports of the same host, to tell a closed port
/// from a dead host and from a filter.
///
/// A host that answers on any other port, were it by a reset, is up; so a port on which surely
/// nothing listens does as well as a ping, and needs no right.
public final class ConnectProbe implements Probe {
  private static final List<Integer> WELL_KNOWN = List.of(80, 443, 22);
  private static final int SURELY_CLOSED = 9;
  private static final Set<Symptom> OF_CONNECTING =
      EnumSet.of(
          Symptom.CONNECT_REFUSED,
          Symptom.CONNECT_TIMEOUT,
          Symptom.CONNECT_UNREACHABLE,
          Symptom.CONNECT_FAILED);

  @Override
  public void ask(Inquiry inquiry) {
    if (inquiry.endpoint().isUnix()) {
      dialSocket(inquiry, Path.of(inquiry.endpoint().host()));
      return;
    }
    inquiry.target().ifPresent(target -> askHost(inquiry, target));
  }

  private static void askHost(Inquiry inquiry, InetSocketAddress target) {
    var tasks = new ArrayList<Runnable>();
    tasks.add(() -> dial(inquiry, target, Purpose.SAME));
    if (OF_CONNECTING.contains(inquiry.exchange().symptom())) {
      InetAddress address = target.getAddress();
      for (int port : WELL_KNOWN) {
        if (port != target.getPort()) {
          tasks.add(
              () -> dial(inquiry, new InetSocketAddress(address, port), Purpose.SIBLING_PORT));
        }
      }
      int closed = target.getPort() == SURELY_CLOSED ? SURELY_CLOSED + 2 : SURELY_CLOSED;
      tasks.add(() -> dial(inquiry, new InetSocketAddress(address, closed), Purpose.CLOSED_PORT));
    }
    inquiry.all(tasks);
  }

  /// Tries one connection, closes it at once, and reports what came of it.
  static Dialled dial(Inquiry inquiry, InetSocketAddress target, Purpose purpose) {
    if (!inquiry.mayAsk()) {
      return new Dialled(target, purpose, DialOutcome.NOT_DIALLED, 0);
    }
    long started = System.nanoTime();
    DialOutcome outcome = dial(target, inquiry.deadline());
    var dialled = new Dialled(target, purpose, outcome, (System.nanoTime() - started) / 1_000);
    inquiry.report(dialled, started);
    return dialled;
  }

  /// Tries one connection, and closes it at once.
  public static DialOutcome dial(InetSocketAddress target, Deadline deadline) {
    try (var socket = new Socket()) {
      socket.connect(target, deadline.remainingMillis());
      return DialOutcome.ACCEPTED;
    } catch (IOException e) {
      return outcomeOf(e);
    }
  }

  /// Whether a connection to a Unix socket is accepted.
  public static boolean accepts(Path socket) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
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

  private static void dialSocket(Inquiry inquiry, Path path) {
    if (!inquiry.mayAsk()) {
      return;
    }
    long started = System.nanoTime();
    boolean exists = Files.exists(path);
    String detail = "";
    boolean accepts = false;
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      accepts = channel.connect(UnixDomainSocketAddress.of(path));
    } catch (IOException e) {
      detail = String.valueOf(e.getMessage());
    }
    inquiry.report(new SocketDialled(path, exists, accepts, detail), started);
  }
}
