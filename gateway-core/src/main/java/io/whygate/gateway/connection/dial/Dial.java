package io.whygate.gateway.connection.dial;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.gateway.address.KnownName;
import io.whygate.gateway.address.Origin;
import io.whygate.gateway.address.Resolution;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.tls.HandshakeErrors;
import io.whygate.gateway.connection.tls.HandshakeWatch;
import io.whygate.gateway.connection.tls.SessionFacts;
import io.whygate.gateway.proxyprotocol.Announcement;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The making of one connection: addresses are raced (RFC 8305), then TLS is spoken with the first
/// that accepts.
///
/// Confined to its event loop; ends in one call of its listener.
final class Dial {
  private static final Logger LOG = LoggerFactory.getLogger(Dial.class);

  /// How long an address is given before the next one is tried beside it (RFC 8305 section 5,
  /// Connection Attempt Delay).
  static final long ATTEMPT_DELAY_MILLIS = 250;

  private final Dialer dialer;
  private final EventLoop loop;
  private final UpstreamSettings settings;
  private final EndpointState endpoint;
  private final Dialer.Listener listener;
  private final long begunNanos = System.nanoTime();
  private final List<Racer> racing = new ArrayList<>(2);
  private final List<FailedAddress> failed = new ArrayList<>(0);

  private List<InetAddress> addresses = List.of();
  private int next;
  private boolean over;
  private long resolved = Timeline.NEVER;
  private long connected = Timeline.NEVER;
  private @Nullable Future<?> limit;
  private @Nullable Future<?> nextTry;
  private @Nullable Racer winner;
  private @Nullable HandshakeWatch watch;

  /// A connection that is being made.
  ///
  /// @param begun when, microseconds since the dialling began
  private record Racer(Channel channel, Optional<InetAddress> address, long begun) {}

  Dial(
      Dialer dialer,
      EventLoop loop,
      UpstreamSettings settings,
      EndpointState endpoint,
      Dialer.Listener listener) {
    this.dialer = dialer;
    this.loop = loop;
    this.settings = settings;
    this.endpoint = endpoint;
    this.listener = listener;
  }

  void begin(Collection<InetAddress> excluded) {
    if (endpoint.endpoint().isUnix()) {
      resolved = micros();
      limitTime();
      connect(Optional.empty());
      return;
    }
    KnownName name = dialer.addresses().name(endpoint.endpoint().host());
    Optional<Resolution> known = name.now();
    if (known.isPresent()) {
      resolved(known.get(), excluded);
      return;
    }
    List<InetAddress> kept = List.copyOf(excluded);
    name.resolve().thenAccept(found -> loop.execute(() -> resolved(found, kept)));
  }

  private void resolved(Resolution resolution, Collection<InetAddress> excluded) {
    switch (resolution) {
      case Resolution.NotResolved(AttemptFailure.NameNotResolved failure) ->
          fail(failure, Optional.empty(), Optional.empty());
      case Resolution.Resolved(List<InetAddress> all, Origin origin) -> {
        resolved = micros();
        List<InetAddress> usable = AddressOrder.withAWay(all, LocalRoute::isOpenTo);
        addresses = AddressOrder.of(usable, origin, excluded, endpoint.addresses());
        if (addresses.isEmpty()) {
          over = true;
          listener.nothingToDial();
          return;
        }
        limitTime();
        tryNext();
      }
    }
  }

  private void limitTime() {
    limit =
        loop.schedule(this::timedOut, settings.connectTimeout().toNanos(), TimeUnit.NANOSECONDS);
  }

  private void tryNext() {
    cancel(nextTry);
    nextTry = null;
    if (over || winner != null) {
      return;
    }
    InetAddress address = addresses.get(next++);
    if (next < addresses.size()) {
      nextTry = loop.schedule(this::tryNext, ATTEMPT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
    }
    connect(Optional.of(address));
  }

  private void connect(Optional<InetAddress> address) {
    Optional<Throwable> refusal = dialer.reserve().refusal();
    if (refusal.isPresent()) {
      // What is left is for those who look what is wrong.
      raceLost(address, refusal.get());
      return;
    }
    Transport transport = dialer.transport();
    Channel channel;
    SocketAddress remote;
    try {
      if (address.isPresent()) {
        channel = transport.newSocket();
        SocketOptions.tcp(channel, settings.idleTimeout());
        SocketOptions.tellIcmp(channel, address.get(), true);
        remote = new InetSocketAddress(address.get(), endpoint.endpoint().port());
      } else {
        channel = transport.newUnixSocket();
        SocketOptions.stream(channel);
        remote = transport.unixAddress(endpoint.endpoint().host());
      }
    } catch (RuntimeException e) {
      dialer.reserve().failed(e);
      raceLost(address, e);
      return;
    }
    Racer racer = new Racer(channel, address, micros());
    racing.add(racer);
    ChannelFuture registration = loop.register(channel);
    if (!registration.isDone() || !registration.isSuccess()) {
      throw new AssertionError("registration on the own loop: " + registration);
    }
    channel.connect(remote).addListener(done -> connectEnded(racer, done.cause()));
  }

  private void connectEnded(Racer racer, @Nullable Throwable cause) {
    racing.remove(racer);
    if (over || winner != null) {
      racer.channel.close();
      return;
    }
    Optional<IcmpMessage> told = SocketOptions.icmp(racer.channel, cause == null);
    if (cause != null || told.isPresent()) {
      racer.channel.close();
      raceLost(
          racer.address,
          told.<AttemptFailure>map(FailureClassifier::told)
              .orElseGet(() -> notConnected(cause, racer.address)),
          told);
      return;
    }
    // From here on such a message is no reason to end the connection.
    racer.address.ifPresent(address -> SocketOptions.tellIcmp(racer.channel, address, false));
    connected = micros();
    winner = racer;
    cancel(nextTry);
    noteSilentIpv6(racer);
    closeRacing();
    racer.address.ifPresent(endpoint.addresses()::worked);
    if (!announces(racer)) {
      return;
    }
    if (endpoint.endpoint().isTls()) {
      secure(racer);
    } else {
      succeed(racer, "");
    }
  }

  /// Says whose connection it is. It goes out with what is written next.
  ///
  /// @return false where that cannot be said, and the dialling is over
  private boolean announces(Racer racer) {
    UpstreamFacts.ProxyProtocol version = settings.proxyProtocol();
    if (version == UpstreamFacts.ProxyProtocol.NONE) {
      return true;
    }
    ByteBuf header = racer.channel.alloc().buffer(Announcement.MOST);
    try {
      Announcement.write(
          header, version, settings.proxyProtocolFields(), listener.client(), listener.requestId());
    } catch (RuntimeException | Error e) {
      LOG.error("an unexpected error ended a header of the PROXY protocol", e);
      header.release();
      racer.channel.close();
      fail(notConnected(e, racer.address), racer.address, Optional.empty());
      return false;
    }
    racer.channel.write(header, racer.channel.voidPromise());
    return true;
  }

  /// An IPv6 address that had its time and stayed silent, while an IPv4 address accepted in a small
  /// part of it, has failed: else every request would wait for it, and nobody would know.
  private void noteSilentIpv6(Racer accepted) {
    if (accepted.address.filter(Inet4Address.class::isInstance).isEmpty()) {
      return;
    }
    long now = micros();
    long enough = Math.max(ATTEMPT_DELAY_MILLIS * 1000, 4 * (now - accepted.begun));
    for (Racer each : racing) {
      Optional<InetAddress> silent = each.address.filter(Inet6Address.class::isInstance);
      long waited = now - each.begun;
      if (silent.isPresent() && waited >= enough) {
        Duration limit = Duration.ofMillis(waited / 1000);
        AttemptFailure failure = new AttemptFailure.TimedOut(Phase.CONNECT, limit);
        failed.add(new FailedAddress(silent.get(), failure, now));
        endpoint.addresses().failed(silent.get());
      }
    }
  }

  private AttemptFailure notConnected(@Nullable Throwable cause, Optional<InetAddress> address) {
    if (cause == null) {
      throw new AssertionError("a connection that was made");
    }
    return FailureClassifier.notConnected(cause, address, settings.connectTimeout());
  }

  private void raceLost(Optional<InetAddress> address, Throwable cause) {
    raceLost(address, notConnected(cause, address), Optional.empty());
  }

  /// @param told the ICMP message that said so
  private void raceLost(
      Optional<InetAddress> address, AttemptFailure failure, Optional<IcmpMessage> told) {
    if (address.isEmpty()) {
      fail(failure, address, Optional.empty());
      return;
    }
    failed.add(new FailedAddress(address.get(), failure, micros(), told));
    endpoint.addresses().failed(address.get());
    if (next < addresses.size()) {
      tryNext();
    } else if (racing.isEmpty()) {
      failByRace(Optional.empty());
    }
  }

  /// Ends with the most telling of the addresses' failures.
  private void failByRace(Optional<TcpFacts> tcp) {
    FailedAddress telling = failed.getFirst();
    for (FailedAddress each : failed) {
      if (rank(each.failure()) < rank(telling.failure())) {
        telling = each;
      }
    }
    fail(telling.failure(), Optional.of(telling.address()), tcp);
  }

  /// How much a failure tells, the most first: that the host is up, that it is silent, that the
  /// network speaks of it, that nothing was sent at all.
  private static int rank(AttemptFailure failure) {
    return switch (failure) {
      case AttemptFailure.ConnectRefused _ -> 0;
      case AttemptFailure.TimedOut _ -> 1;
      case AttemptFailure.Unreachable(var kind) ->
          switch (kind) {
            case HOST -> 2;
            case NETWORK -> 3;
          };
      case AttemptFailure.NotDialled _ -> 4;
      default -> 2;
    };
  }

  private void secure(Racer racer) {
    Channel channel = racer.channel;
    UpstreamFacts.Protocol protocol =
        listener.http1Only() ? UpstreamFacts.Protocol.HTTP1 : settings.protocol();
    String name = settings.tls().serverName().orElse(endpoint.endpoint().host());
    SslHandler handler =
        dialer
            .tls()
            .of(settings.tls(), protocol)
            .newHandler(channel.alloc(), name, endpoint.endpoint().port());
    handler.setHandshakeTimeoutMillis(0);
    HandshakeWatch seen = new HandshakeWatch();
    watch = seen;
    channel.pipeline().addLast(seen, handler, new HandshakeErrors());
    handler
        .handshakeFuture()
        .addListener(done -> {
          if (over) {
            channel.close();
          } else if (done.isSuccess()) {
            channel.pipeline().remove(seen);
            if (endpoint.wantsCertificate()) {
              SessionFacts.leaf(handler.engine().getSession()).ifPresent(endpoint::showed);
            }
            String alpn = handler.applicationProtocol();
            succeed(racer, alpn == null ? "" : alpn);
          } else {
            Optional<TcpFacts> tcp = Transport.tcpFacts(channel);
            notSecured(racer, FailureClassifier.notSecured(done.cause(), seen), tcp);
          }
        });
  }

  private void notSecured(Racer racer, AttemptFailure failure, Optional<TcpFacts> tcp) {
    racer.address.ifPresent(address -> {
      failed.add(new FailedAddress(address, failure, micros()));
      endpoint.addresses().failed(address);
    });
    fail(failure, racer.address, tcp);
    racer.channel.close();
  }

  private void timedOut() {
    if (over) {
      return;
    }
    Racer dialled = winner;
    if (dialled != null) {
      notSecured(
          dialled,
          new AttemptFailure.TimedOut(Phase.TLS_HANDSHAKE, settings.connectTimeout()),
          Transport.tcpFacts(dialled.channel));
      return;
    }
    AttemptFailure failure = new AttemptFailure.TimedOut(Phase.CONNECT, settings.connectTimeout());
    Optional<TcpFacts> tcp =
        racing.isEmpty() ? Optional.empty() : Transport.tcpFacts(racing.getFirst().channel);
    for (Racer each : racing) {
      each.address.ifPresent(address -> {
        failed.add(new FailedAddress(address, failure, micros()));
        endpoint.addresses().failed(address);
      });
    }
    if (failed.isEmpty()) {
      fail(failure, Optional.empty(), tcp);
    } else {
      failByRace(tcp);
    }
  }

  private void succeed(Racer racer, String alpn) {
    end();
    long secured = micros();
    listener.dialled(
        racer.channel,
        racer.address,
        new Establishment(resolved, connected, secured, failed, alpn));
  }

  private void fail(AttemptFailure failure, Optional<InetAddress> address, Optional<TcpFacts> tcp) {
    end();
    HandshakeWatch seen = watch;
    listener.notDialled(
        new DialFailure(
            failure,
            address,
            new Timeline(
                resolved, connected, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, micros()),
            tcp,
            seen == null ? 0 : seen.received(),
            seen == null ? "" : seen.firstBytes(),
            failed,
            false));
  }

  private void end() {
    over = true;
    cancel(limit);
    cancel(nextTry);
    closeRacing();
  }

  /// Closes those still under way; each leaves the race as its channel closes.
  private void closeRacing() {
    for (Racer each : List.copyOf(racing)) {
      each.channel.close();
    }
    racing.clear();
  }

  private static void cancel(@Nullable Future<?> future) {
    if (future != null) {
      future.cancel(false);
    }
  }

  private long micros() {
    return (System.nanoTime() - begunNanos) / 1000;
  }
}
