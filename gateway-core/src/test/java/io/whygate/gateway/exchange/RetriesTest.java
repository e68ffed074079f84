package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is tried again, where, and what is not.
class RetriesTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  /// A server whose first connection serves one request, and takes another without an answer.
  private static ScriptedServer closingAfterOne(int contentLength) throws Exception {
    return new ScriptedServer((peer, number) -> {
      if (number == 1) {
        peer.head();
        peer.send(OK);
        peer.head();
        peer.in().readNBytes(contentLength);
        return;
      }
      peer.head();
      String content = new String(peer.in().readNBytes(contentLength), US_ASCII);
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + content.length() + "\r\n\r\n" + content);
      peer.head();
    });
  }

  @Test
  void triesAgainWhereAPooledConnectionHadBeenClosed() throws Exception {
    try (ScriptedServer server = closingAfterOne(0);
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/one").answer();
      assertThat(client.get("/two").answer().status()).isEqualTo(200);
      assertThat(server.accepted()).isEqualTo(2);
      assertThat(gateway.records(2).get(1))
          .contains("blip.stale-connection", "\"reused\":true", "\"reused\":false");
    }
  }

  @Test
  void doesNotRepeatAPost() throws Exception {
    try (ScriptedServer server = closingAfterOne(0);
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/one").answer();
      client.send("POST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(502);
      assertThat(server.heads()).filteredOn(each -> each.startsWith("POST")).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"50000, 200", "90000, 502"})
  void repeatsContentThatItHasKept(int size, int status) throws Exception {
    try (ScriptedServer server = closingAfterOne(size);
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/one").answer();
      String content = "abcdefghij".repeat(size / 10);
      client.send("PUT /two HTTP/1.1\r\nHost: a\r\nContent-Length: " + size + "\r\n\r\n");
      client.send(content);
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(status);
      if (status == 200) {
        assertThat(answer.body()).isEqualTo(content);
      }
    }
  }

  @Test
  void triesAnotherEndpointWhereOneRefuses() throws Exception {
    try (FaultyServer down = FaultyServer.start();
        FaultyServer up = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", down.uri(), up.uri());
        RawClient client = gateway.client()) {
      down.fault(new Fault.NothingListens());
      for (int i = 0; i < 6; i++) {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
        assertThat(client.answer().status()).isEqualTo(200);
      }
      assertThat(up.traffic().requests()).isEqualTo(6);
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  @Test
  void triesAnotherEndpointOfTheSameHostWhereAKeptConnectionHangs() throws Exception {
    try (FaultyServer hung = FaultyServer.start();
        FaultyServer up = FaultyServer.start();
        RunningGateway gateway =
            RunningGateway.before(
                "balance = round-robin, response-timeout = 500ms, outlier.consecutive-failures = 0",
                hung.uri(),
                up.uri());
        RawClient client = gateway.client()) {
      for (int i = 0; i < 4; i++) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
      hung.fault(new Fault.AcceptThenSilence());
      for (int i = 0; i < 4; i++) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
      assertThat(gateway.records(8).stream().filter(each -> each.contains("response-timeout")))
          .isNotEmpty();
    }
  }

  @Test
  void doesNotTryAgainOnceAnInterimAnswerCame() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send("HTTP/1.1 103 Early\r\nLink: <x>\r\n\r\n");
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      assertThat(client.answer().status()).isEqualTo(103);
      assertThat(client.answer().status()).isEqualTo(502);
      assertThat(server.heads().stream().filter(each -> each.contains("X-Forwarded-For")))
          .hasSize(1);
    }
  }

  @Test
  void examinesOnceWhatFailsForManyAtTheSameTime() throws Exception {
    int many = 60;
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway =
            RunningGateway.before(
                "outlier.consecutive-failures = 0, circuit-breaker.consecutive-failures = 0",
                server.uri())) {
      server.fault(new Fault.CloseBeforeResponse());
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < many; i++) {
        clients.add(gateway.client());
      }
      for (RawClient client : clients) {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      }
      List<String> incidents = new ArrayList<>();
      for (RawClient client : clients) {
        RawClient.Answer answer = client.answer();
        assertThat(answer.status()).isEqualTo(502);
        incidents.add(answer.field("Whygate-Incident"));
        client.close();
      }
      assertThat(incidents.stream().distinct()).hasSize(1);
      assertThat(server.traffic().connections()).isLessThan(many + 20);
    }
  }

  @Test
  void losesNothingWhileTheConfigurationIsSwapped() throws Exception {
    int clients = 8;
    int each = 80;
    try (FaultyServer one = FaultyServer.start();
        FaultyServer two = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", one.uri())) {
      List<Thread> load = new ArrayList<>();
      List<String> wrong = Collections.synchronizedList(new ArrayList<>());
      for (int i = 0; i < clients; i++) {
        load.add(Thread.ofVirtual().start(() -> request(gateway, each, wrong)));
      }
      for (int i = 0; i < 20; i++) {
        URI next = i % 2 == 0 ? two.uri() : one.uri();
        gateway.apply(
            "timeouts.idle = " + (60 + i) + "s", "response-timeout = " + (50 + i) + "s", next);
      }
      for (Thread thread : load) {
        thread.join();
      }
      assertThat(wrong).isEmpty();
      assertThat(one.traffic().requests() + two.traffic().requests())
          .isGreaterThanOrEqualTo(clients * each);
      RunningGateway.await(() -> gateway.outstanding() == 0);
    }
  }

  private static void request(RunningGateway gateway, int times, List<String> wrong) {
    try (RawClient client = gateway.client()) {
      for (int i = 0; i < times; i++) {
        RawClient.Answer answer = client.get("/bytes/3000").answer();
        if (answer.status() != 200 || answer.body().length() != 3000) {
          wrong.add(answer.toString());
        }
      }
    } catch (Exception e) {
      wrong.add(e.toString());
    }
  }
}
