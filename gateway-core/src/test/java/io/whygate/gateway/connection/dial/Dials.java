package io.whygate.gateway.connection.dial;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import io.whygate.gateway.address.AddressBook;
import io.whygate.gateway.config.Settings.DnsSettings;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.tls.TlsContexts;
import io.whygate.gateway.transport.DescriptorReserve;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A dialer on event loops of its own, with a DNS server for names under `test`.
public final class Dials implements AutoCloseable {
  public final Zone zone = Zone.of("test").ns("ns1", "127.0.0.1");
  final DnsServer dns;
  public final AddressBook book;
  public final Dialer dialer;
  public final TlsContexts tls = new TlsContexts(_ -> {});
  public final EventLoopGroup loops;

  public Dials(Transport transport, int threads) throws IOException {
    dns = DnsServer.authority(zone);
    book =
        new AddressBook(
            new DnsSettings(
                List.of(dns.address()),
                53,
                Duration.ofSeconds(1),
                Duration.ofMillis(50),
                Duration.ofHours(1),
                Duration.ofHours(1)));
    dialer = new Dialer(transport, book, tls, new DescriptorReserve(0));
    loops = new MultiThreadIoEventLoopGroup(threads, transport.ioHandlers());
  }

  /// What came of a dial: a channel, a failure, or (both empty) nothing to dial.
  record Outcome(
      Optional<Channel> channel,
      Optional<InetAddress> address,
      Optional<Establishment> how,
      Optional<DialFailure> failure) {}

  Outcome dial(UpstreamSettings settings, EndpointState endpoint, InetAddress... excluded) {
    return dial(settings, endpoint, List.of(excluded));
  }

  Outcome dial(UpstreamSettings settings, Endpoint endpoint) {
    return dial(settings, new EndpointState(endpoint, System::nanoTime), List.of());
  }

  Outcome dial(
      UpstreamSettings settings, EndpointState endpoint, Collection<InetAddress> excluded) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    EventLoop loop = loops.next();
    loop.execute(() ->
        dialer.dial(
            loop,
            settings,
            endpoint,
            excluded,
            new Dialer.Listener() {
              @Override
              public void dialled(
                  Channel channel, Optional<InetAddress> address, Establishment how) {
                end(new Outcome(Optional.of(channel), address, Optional.of(how), Optional.empty()));
              }

              @Override
              public void notDialled(DialFailure failure) {
                end(
                    new Outcome(
                        Optional.empty(),
                        failure.address(),
                        Optional.empty(),
                        Optional.of(failure)));
              }

              @Override
              public void nothingToDial() {
                end(
                    new Outcome(
                        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty()));
              }

              private void end(Outcome result) {
                if (!outcome.complete(result)) {
                  throw new AssertionError("told twice: " + result);
                }
              }
            }));
    return outcome.orTimeout(10, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    book.close();
    dns.close();
  }
}
