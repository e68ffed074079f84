package io.whygate.e2e.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.DnsFault;
import io.whygate.faults.http.Response;
import io.whygate.faults.http.Site;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// An answer that bears the marks of another site is held back until the name's own servers have
/// said whether its address is still the site's; nothing of another site's is passed on, and
/// nothing of the site's own is touched.
class HeldAnswersTest {
  private static final long MOST_MILLIS = 2_500;

  private static Site marked(String server, String text) {
    return _ -> Response.text(200, text).with("Server", server);
  }

  private static FaultyServer server(Scene scene, String address, int port) throws Exception {
    return scene.open(
        FaultyServer.builder()
            .address(address)
            .port(port)
            .site(marked("shop/1", "the shop"))
            .start());
  }

  private interface Trying {
    void run(FaultyServer server, Names names, HeldGateway gateway, FaultyServer next)
        throws Exception;
  }

  private static void with(Trying trying) throws Exception {
    try (Scene scene = new Scene(false)) {
      FaultyServer server = server(scene, "127.0.2.1", 0);
      FaultyServer next = server(scene, "127.0.2.2", server.port());
      Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
      scene.upstream(server.uriFor(Sites.NAME), "");
      try (HeldGateway gateway = HeldGateway.start(scene.settings())) {
        for (int i = 0; i < 3; i++) {
          assertThat(Client.get(gateway.uri(), "/").text()).isEqualTo("the shop");
        }
        trying.run(server, names, gateway, next);
      }
    }
  }

  @Test
  void nothingOfAnotherSiteIsPassedOn() throws Exception {
    with((server, names, gateway, _) -> {
      names.moves("127.0.2.2");
      server.site(marked("bank/9", "a bank"));
      server.closeConnections();
      for (int i = 0; i < 5; i++) {
        Answer answer = Client.get(gateway.uri(), "/");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("the shop");
      }
      Await.until(
          "an incident that healed",
          Duration.ofSeconds(5),
          () -> gateway.incidents("dns.recycled-address").size() == 1);
    });
  }

  @Test
  void aFormIsSentOnceAndNoMore() throws Exception {
    with((server, names, gateway, next) -> {
      names.moves("127.0.2.2");
      server.site(marked("bank/9", "a bank"));
      server.closeConnections();
      Client.send(gateway.uri(), "POST", "/", "order=1", "Accept: */*");
      assertThat(forms(server) + forms(next)).isEqualTo(1);
    });
  }

  private static long forms(FaultyServer server) {
    return server.traffic().heads().stream().filter(head -> head.method().equals("POST")).count();
  }

  @Test
  void aNewVersionOfTheSiteIsNotTouched() throws Exception {
    with((server, _, gateway, _) -> {
      server.site(marked("new/2", "the new shop"));
      server.closeConnections();
      untouched(gateway, "the new shop");
      long began = System.nanoTime();
      server.closeConnections();
      untouched(gateway, "the new shop");
      assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(MOST_MILLIS);
      assertThat(gateway.incidents("")).isEmpty();
    });
  }

  @Test
  void versionsThatTakeTurnsAreNotTouched() throws Exception {
    with((server, _, gateway, _) -> {
      var turn = new AtomicInteger();
      server.site(_ ->
          Response.text(200, "the shop")
              .with("Server", turn.incrementAndGet() % 2 == 0 ? "green/1" : "blue/2")
              .with("Connection", "close"));
      server.closeConnections();
      for (int i = 0; i < 8; i++) {
        untouched(gateway, "the shop");
      }
      assertThat(gateway.incidents("")).isEmpty();
    });
  }

  @Test
  void whereNobodyCanBeAskedTheAnswerPassesWithinTheBudget() throws Exception {
    with((server, names, gateway, _) -> {
      names.authority.fault(new DnsFault.Silence());
      server.site(marked("new/2", "the new shop"));
      server.closeConnections();
      long began = System.nanoTime();
      untouched(gateway, "the new shop");
      assertThat((System.nanoTime() - began) / 1_000_000).isLessThan(MOST_MILLIS);
      assertThat(gateway.incidents("")).isEmpty();
    });
  }

  private static void untouched(HeldGateway gateway, String text) throws Exception {
    Answer answer = Client.get(gateway.uri(), "/");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text()).isEqualTo(text);
    assertThat(answer.cause()).isEmpty();
  }
}
