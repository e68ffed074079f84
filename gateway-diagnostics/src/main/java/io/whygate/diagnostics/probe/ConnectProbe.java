package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Noted;
import io.whygate.diagnostics.probe.Finding.Outgoing;
import io.whygate.diagnostics.probe.Finding.Pinged;
import io.whygate.diagnostics.probe.Finding.SocketDialled;
import io.whygate.diagnostics.probe.Finding.Withheld;
import io.whygate.diagnostics.probe.icmp.Conversation;
import io.whygate.diagnostics.probe.icmp.Pinging;
import io.whygate.diagnostics.probe.icmp.SystemSockets;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Tries connections: the same place again, and other ports of the same host, to tell a closed port
/// from a dead host and from a filter, in this network or of the gateway's own.
///
/// A host that answers a ping, or on any other port, were it by a reset, is up; a port on which
/// surely nothing listens does as well as a ping, and needs no right. What tells least is asked
/// last, and only where nothing was heard: hosts and routers send few ICMP messages a second.
public final class ConnectProbe implements Probe {
  private static final List<Integer> WELL_KNOWN = List.of(80, 443, 22);
  private static final int SURELY_CLOSED = 9;
  private static final Set<Symptom> OF_CONNECTING =
      EnumSet.of(
          Symptom.CONNECT_REFUSED,
          Symptom.CONNECT_TIMEOUT,
          Symptom.CONNECT_UNREACHABLE,
          Symptom.CONNECT_FAILED);

  /// Says that the ICMP message behind an error cannot be seen.
  public static final String NO_ICMP =
      "ICMP messages cannot be seen: no 64-bit Linux, or started without --enable-native-access";

  /// How long a host that is up usually needs for an answer.
  private static final Duration SOON = Duration.ofMillis(60);

  /// How long a filter nearby needs for a rejection.
  private static final Duration AT_ONCE = Duration.ofMillis(15);

  /// How long a limit on connections usually needs to let the next one in.
  private static final Duration PAUSE = Duration.ofMillis(60);

  private static final int LATER_TRIES = 2;

  private static final int SIBLINGS = 4;
  private static final List<Integer> PING = List.of(84);

  private final Known known;

  /// What is remembered of the addresses of endpoints.
  public interface Known {
    /// Whether an address accepted a connection in the last few seconds.
    boolean acceptedOfLate(Endpoint endpoint, InetAddress address);

    /// A try to connect drew an ICMP message.
    void told(Endpoint endpoint, InetAddress address, IcmpMessage icmp);

    /// The message that was drawn last, unless a connection was accepted since.
    Optional<Noted> lastTold(Endpoint endpoint, InetSocketAddress target);
  }

  public ConnectProbe(Known known) {
    this.known = known;
  }

  @Override
  public void ask(Inquiry inquiry) {
    if (inquiry.endpoint().isUnix()) {
      dialSocket(inquiry, Path.of(inquiry.endpoint().host()));
      return;
    }
    inquiry.target().ifPresent(target -> askHost(inquiry, target));
  }

  private void askHost(Inquiry inquiry, InetSocketAddress target) {
    if (!isOfConnecting(inquiry.exchange())) {
      dial(inquiry, target, Purpose.SAME);
      return;
    }
    var signs = new SignsOfLife();
    var tasks = new ArrayList<Runnable>();
    tasks.add(() -> again(inquiry, target, signs));
    if (isTold(inquiry.exchange())) {
      // A filter on the way has told the failed try itself.
      signs.rejected();
    }
    tasks.add(() -> ofTheHost(inquiry, target, signs));
    for (int port : siblings(inquiry, target)) {
      tasks.add(() -> sibling(inquiry, new InetSocketAddress(target.getAddress(), port), signs));
    }
    tasks.add(() -> mayLeave(inquiry, target, signs));
    inquiry.all(tasks);
  }

  /// Whether no connection came about, or one that was there carries nothing any more.
  private static boolean isOfConnecting(FailedExchange exchange) {
    return OF_CONNECTING.contains(exchange.symptom())
        || exchange.subject().filter(FailedAttempt::isUnacknowledged).isPresent();
  }

  private static boolean isTold(FailedExchange exchange) {
    return exchange
        .subject()
        .flatMap(attempt -> attempt.wire().icmp())
        .filter(IcmpMessage::isRejection)
        .isPresent();
  }

  private void again(Inquiry inquiry, InetSocketAddress target, SignsOfLife signs) {
    boolean mayBeLimited = OF_CONNECTING.contains(inquiry.exchange().symptom());
    boolean talks = mayBeLimited && HttpProbe.isPlain(inquiry);
    Dialled dialled =
        talks ? amidACrowd(inquiry, target, signs) : dial(inquiry, target, Purpose.SAME);
    signs.same(dialled);
    boolean isCrowded = talks && dialled.outcome() == DialOutcome.ACCEPTED;
    InetAddress address = target.getAddress();
    dialled.icmp().ifPresent(icmp -> known.told(inquiry.endpoint(), address, icmp));
    if (dialled.outcome() == DialOutcome.REFUSED
        && dialled.icmp().isEmpty()
        && known.acceptedOfLate(inquiry.endpoint(), address)) {
      dialled = afterAPause(inquiry, target);
    }
    if (dialled.outcome() == DialOutcome.ACCEPTED && mayBeLimited && !isCrowded) {
      CrowdProbe.ask(inquiry, target);
    }
    if (dialled.outcome() == DialOutcome.SILENT) {
      known
          .lastTold(inquiry.endpoint(), target)
          .ifPresent(noted -> inquiry.report(noted, System.nanoTime()));
    }
  }

  /// Tries one connection and, where it is accepted, asks for something light on it while a crowd
  /// comes: a strict limit lets no second one in for that.
  private static Dialled amidACrowd(Inquiry inquiry, InetSocketAddress target, SignsOfLife signs) {
    var first = new CompletableFuture<Dialled>();
    var answered = new CountDownLatch(1);
    inquiry.all(
        List.of(
            () -> {
              try {
                first.complete(talk(inquiry, target, signs, first, answered));
              } finally {
                // Whatever happened, nobody waits for it.
                first.complete(new Dialled(target, Purpose.SAME, DialOutcome.NOT_DIALLED, 0));
              }
            },
            () -> {
              if (first.join().outcome() == DialOutcome.ACCEPTED) {
                CrowdProbe.crowd(inquiry, target, answered);
              }
            }));
    return first.join();
  }

  private static Dialled talk(
      Inquiry inquiry,
      InetSocketAddress target,
      SignsOfLife signs,
      CompletableFuture<Dialled> first,
      CountDownLatch answered) {
    return dial(
        inquiry,
        target,
        Purpose.SAME,
        (accepted, conversation) -> {
          // Others wait for this, and not for what is said on it.
          signs.same(accepted);
          first.complete(accepted);
          HttpProbe.request(inquiry, target, conversation);
          answered.countDown();
        });
  }

  /// A port that refuses and has just accepted others may count connections: a few times more, each
  /// alone, until one is accepted.
  private static Dialled afterAPause(Inquiry inquiry, InetSocketAddress target) {
    Dialled last;
    int tries = 0;
    do {
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      last = dial(inquiry, target, Purpose.LATER);
    } while (last.outcome() == DialOutcome.REFUSED && ++tries < LATER_TRIES);
    return last;
  }

  /// Whether the host is up: no question where a filter has said that it rejects the connection,
  /// and each message that it draws is one that another question does not get.
  private static void ofTheHost(Inquiry inquiry, InetSocketAddress target, SignsOfLife signs) {
    if (!signs.isRejected(AT_ONCE)) {
      inquiry.all(
          List.of(() -> closedPort(inquiry, target, signs), () -> ping(inquiry, target, signs)));
    }
  }

  private static void closedPort(Inquiry inquiry, InetSocketAddress target, SignsOfLife signs) {
    int port = target.getPort() == SURELY_CLOSED ? SURELY_CLOSED + 2 : SURELY_CLOSED;
    var closed = new InetSocketAddress(target.getAddress(), port);
    signs.other(dial(inquiry, closed, Purpose.CLOSED_PORT));
  }

  private static void ping(Inquiry inquiry, InetSocketAddress target, SignsOfLife signs) {
    Optional<SystemSockets> sockets = SystemSockets.find();
    if (sockets.isEmpty()) {
      inquiry.report(new Withheld(NO_ICMP), System.nanoTime());
      return;
    }
    if (inquiry.mayAsk()) {
      long started = System.nanoTime();
      InetAddress address = target.getAddress();
      Pinging ping = sockets.get().ping(address, PING, inquiry.deadline().remainingMillis());
      inquiry.report(new Pinged(address, PING, ping), started);
      signs.ping(ping);
    }
  }

  /// Other ports of the host: those that the configuration knows of it, and well-known ones.
  private static List<Integer> siblings(Inquiry inquiry, InetSocketAddress target) {
    Stream<Integer> configured =
        inquiry.facts().endpoints().stream()
            .filter(endpoint -> endpoint.host().equals(inquiry.endpoint().host()))
            .map(Endpoint::port)
            .filter(port -> port > 0);
    return Stream.concat(configured, WELL_KNOWN.stream())
        .distinct()
        .filter(port -> port != target.getPort())
        .limit(SIBLINGS)
        .toList();
  }

  private static void sibling(Inquiry inquiry, InetSocketAddress sibling, SignsOfLife signs) {
    if (!signs.await(SOON)) {
      dial(inquiry, sibling, Purpose.SIBLING_PORT);
    }
  }

  /// Looks for the gateway's own firewall where the port is silent, or where a reset may be its.
  private static void mayLeave(Inquiry inquiry, InetSocketAddress target, SignsOfLife signs) {
    if (signs.awaitSame(SOON) && !signs.isReset()) {
      return;
    }
    Optional<SystemSockets> sockets = SystemSockets.find();
    if (sockets.isPresent() && inquiry.mayAsk()) {
      long started = System.nanoTime();
      sockets
          .get()
          .mayLeave(target)
          .ifPresent(may -> inquiry.report(new Outgoing(target, may), started));
    }
  }

  /// Tries one connection, closes it at once, and reports what came of it.
  static Dialled dial(Inquiry inquiry, InetSocketAddress target, Purpose purpose) {
    return dial(inquiry, target, purpose, (_, _) -> {});
  }

  /// Tries one connection, reports what came of it, and closes it after this was done with it.
  private static Dialled dial(
      Inquiry inquiry,
      InetSocketAddress target,
      Purpose purpose,
      BiConsumer<Dialled, Conversation> accepted) {
    if (!inquiry.mayAsk()) {
      return new Dialled(target, purpose, DialOutcome.NOT_DIALLED, 0);
    }
    long started = System.nanoTime();
    var whenAccepted = new AtomicReference<@Nullable Dialled>();
    Dialler.Dial dial =
        Dialler.dial(
            target,
            inquiry.deadline(),
            conversation -> {
              Dialled dialled =
                  new Dialled(target, purpose, DialOutcome.ACCEPTED, microsSince(started));
              inquiry.report(dialled, started);
              whenAccepted.set(dialled);
              accepted.accept(dialled, conversation);
            });
    if (whenAccepted.get() != null) {
      return whenAccepted.get();
    }
    var dialled = new Dialled(target, purpose, dial.outcome(), microsSince(started), dial.icmp());
    inquiry.report(dialled, started);
    return dialled;
  }

  private static long microsSince(long startedNanos) {
    return (System.nanoTime() - startedNanos) / 1_000;
  }

  /// Loads what the first dial would have to load, by one to this machine itself.
  public static void warmUp() {
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), SURELY_CLOSED);
    Dialler.dial(here, Deadline.in(Duration.ofMillis(1)));
  }

  /// Tries one connection, and closes it at once.
  public static DialOutcome dial(InetSocketAddress target, Deadline deadline) {
    return Dialler.dial(target, deadline).outcome();
  }

  /// Whether a connection to a Unix socket is accepted.
  public static boolean accepts(Path socket) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
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
