package io.whygate.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.acme.PendingChallenges;
import io.whygate.gateway.address.AddressBook;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.reading.ConfigReader;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.connection.pool.ConnectionPool;
import io.whygate.gateway.connection.tls.TlsContexts;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.exchange.ForwardedFields;
import io.whygate.gateway.exchange.LoopServices;
import io.whygate.gateway.exchange.PublicPaths;
import io.whygate.gateway.exchange.Recorder;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.ocsp.OcspStaples;
import io.whygate.gateway.routing.RouteTable;
import io.whygate.gateway.transport.DescriptorReserve;
import io.whygate.gateway.transport.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What becomes of a client when a part of the gateway throws: it gets an answer or an end, and its
/// exchange is recorded.
class BrokenPartsTest {
  private final Transport transport = Transport.best();
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, transport.ioHandlers());
  private final List<Integer> recorded = new CopyOnWriteArrayList<>();
  private Settings settings;
  private AddressBook addresses;

  @BeforeEach
  void readSettings() throws Exception {
    settings =
        new ConfigReader()
            .ofOptions(List.of("127.0.0.1:0"), List.of("http://127.0.0.1:1"), "off")
            .settings();
    addresses = new AddressBook(settings.dns());
  }

  @AfterEach
  void stop() {
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    addresses.close();
  }

  private Listener listen(Recorder recorder) throws Exception {
    EventLoop loop = (EventLoop) loops.iterator().next();
    Deadlines deadlines = new Deadlines(loop);
    Dialer dialer =
        new Dialer(transport, addresses, new TlsContexts(_ -> {}), new DescriptorReserve(0));
    LoopServices services =
        new LoopServices(
            0,
            () -> new RouteTable(List.of(), Map.of()),
            new ConnectionPool(loop, dialer, deadlines),
            deadlines,
            null,
            null,
            recorder,
            1000,
            new ForwardedFields.Identity("test", "1"),
            BrokenPartsTest::fail,
            new PendingChallenges(),
            new OcspStaples(_ -> {}, null),
            () -> null);
    return Listener.bind(
        transport,
        settings.listeners().getFirst(),
        Map.of(loop, services),
        new DescriptorReserve(0));
  }

  private static void fail(RequestHead request, PublicPaths.Answer answer) {
    throw new IllegalStateException("broken on purpose");
  }

  private void note(FinishedExchange exchange, int loop) {
    recorded.add(exchange.status());
  }

  @Test
  void answers500AndRecordsItWhereAnExchangeCannotEvenBegin() throws Exception {
    try (Listener listener = listen(this::note);
        RawClient client = new RawClient((InetSocketAddress) listener.address())) {
      RawClient.Answer answer = client.get(PublicPaths.PREFIX + "x").answer();
      assertThat(answer.status()).isEqualTo(500);
      assertThat(answer.field("Connection")).isEqualTo("close");
      assertThat(client.isEnded()).isTrue();
      RunningGateway.await(() -> recorded.equals(List.of(500)));
    }
  }

  @Test
  void answersThoughTheRecorderThrows() throws Exception {
    Recorder broken =
        (exchange, loop) -> {
          note(exchange, loop);
          throw new IllegalStateException("broken on purpose");
        };
    try (Listener listener = listen(broken);
        RawClient client = new RawClient((InetSocketAddress) listener.address())) {
      assertThat(client.get("/one").answer().status()).isEqualTo(404);
      assertThat(client.get("/two").answer().status()).isEqualTo(404);
      RunningGateway.await(() -> recorded.equals(List.of(404, 404)));
    }
  }
}
