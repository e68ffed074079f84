package io.whygate.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.http2.H2Client;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Clients that have the gateway reset one stream of a server after the other, while their own end
/// well (as CVE-2025-8671): they are stopped as those are that reset streams themselves.
class BrokenOffRequestsTest {
  private static final int RESETS = 20;
  private static final String LISTENER =
      "http2.floods { window = 1h, resets = %d }".formatted(RESETS);
  private static final String WEB = "route-defaults { grpc-web { enabled = true } }";

  /// A server that leaves calls alone.
  private static final FramedServer.Script SILENT =
      new FramedServer.Script() {
        @Override
        public void begin(FramedPeer peer) throws IOException {
          peer.readHeadsAlone();
          peer.settings();
        }

        @Override
        public void answer(FramedPeer peer, FramedPeer.Request request, int number)
            throws IOException {
          if (!request.path().startsWith("/lab")) {
            peer.ok(request.stream());
          }
        }
      };

  private interface Call {
    void make(H2Client client, int stream, FramedServer server) throws Exception;
  }

  private static void isStopped(Call call) throws Exception {
    try (FramedServer server = FramedServer.start()) {
      server.play(SILENT);
      try (RunningGateway gateway =
              RunningGateway.start(LISTENER, "protocol = http2", WEB, server.uri());
          H2Client bystander = H2Client.begun(gateway.address());
          H2Client attacker = H2Client.begun(gateway.address())) {
        bystander.get(1, "/");
        assertThat(bystander.answer(1).text()).isEqualTo("ok");
        int stream = 1;
        call.make(attacker, stream, server);
        H2Client.Frame answer = attacker.next(Frames.HEADERS, Frames.GOAWAY);
        while (answer.type() == Frames.HEADERS && stream < 8 * RESETS) {
          stream += 2;
          call.make(attacker, stream, server);
          answer = attacker.next(Frames.HEADERS, Frames.GOAWAY);
        }
        assertThat(answer.type()).isEqualTo(Frames.GOAWAY);
        assertThat(answer.error()).isEqualTo(ErrorCode.ENHANCE_YOUR_CALM.number());
        assertThat(attacker.isEnded()).isTrue();
        assertThat(server.requests()).isBetween(RESETS, RESETS + 2);
        assertThat(gateway.abuses(Abuse.RESETS)).isEqualTo(1);
        bystander.get(3, "/");
        assertThat(bystander.answer(3).text()).isEqualTo("ok");
        assertThat(server.accepted()).isEqualTo(1);
        RunningGateway.await(() -> gateway.outstanding() == 0);
      }
    }
  }

  @Test
  void byDeadlinesThatNoServerCanMeet() throws Exception {
    isStopped((client, stream, _) ->
        client.headers(
            stream,
            true,
            H2Client.request(
                "POST", "/lab", "content-type: application/grpc", "grpc-timeout: 20m")));
  }

  @Test
  void byContentThatBreaksRules() throws Exception {
    isStopped((client, stream, server) -> {
      int before = server.requests();
      client.post(stream, "/lab", "content-type: application/grpc-web-text");
      RunningGateway.await(() -> server.requests() > before);
      client.data(stream, false, "!!!!");
    });
  }

  /// One that is late before it is sent has done nothing to a server's connection.
  @Test
  void aConnectionOfHttp1IsGoodForTheNextCallWhereOneCameTooLateToBeSent() throws Exception {
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.serve());
        RunningGateway gateway = RunningGateway.before(LISTENER, "", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      int lateWhenSent = 0;
      for (int stream = 1; stream < 400; stream += 2) {
        String timeout = "grpc-timeout: " + (stream * 2) + "u";
        client.headers(
            stream, true, H2Client.request("POST", "/", "content-type: application/grpc", timeout));
        H2Client.Answer answer = client.answer(stream);
        boolean isLate = "4".equals(answer.field("grpc-status"));
        if (isLate && !answer.field("grpc-message").contains("not_sent")) {
          lateWhenSent++;
        }
      }
      client.get(401, "/");
      assertThat(client.answer(401).text()).isEqualTo("ok");
      assertThat(lateWhenSent).isLessThan(RESETS);
      assertThat(server.accepted()).isBetween(1, 1 + lateWhenSent);
    }
  }
}
