package io.whygate.e2e.hostile;

import io.whygate.e2e.Needs;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.HaProxy;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What nginx and HAProxy do with hostile requests, beside the gateway: writes the document for
/// readers. No part of a usual run: `-Dtest=PeersComparison` asks for it.
class PeersComparison {
  static final Path DOCUMENT = document();
  private static final String INTRODUCTION =
      """
      # Hostile requests

      Each row is a payload of `gateway-e2e/src/test/resources/hostile/requests.txt`, sent as it stands to Whygate, %s and %s before
      the same server, which reads as strictly as can be. Behind each payload one more request is sent at once, which asks to close. A
      cell shows the statuses of all answers, *closes* where the connection ended without one, and *waits* where it was still open
      after 10 seconds. **(!)** marks what must not be: a request reached the server that the client never sent as one, or
      one that two readers can read in two ways.

      `HostileRequestsTest` checks the first column, byte by byte, with every build; this page is made by `PeersComparison`.
      """;

  private static Path document() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = folder.getParent();
    }
    return folder.resolve("docs/hostile-requests.md");
  }

  @Test
  @Needs({"nginx", "haproxy"})
  void compare() throws IOException {
    try (StrictServer server = StrictServer.ofTwoBytes();
        GatewayProcess ours =
            GatewayProcess.start(
                HostileRequestsTest.LIMITS + GatewayProcess.oneSite(server.uri(), ""));
        Nginx nginx = nginx(server);
        HaProxy haProxy =
            HaProxy.before(
                server.uri(),
                """
                timeout client 1s
                timeout http-request 1s
                timeout http-keep-alive 1s
                """)) {
      StringBuilder out =
          new StringBuilder(
              INTRODUCTION.formatted(version("nginx", "-v"), version("haproxy", "-v")));
      String section = "";
      int[] dangers = new int[3];
      List<Payload> payloads = Payload.of("requests.txt");
      for (Payload each : payloads) {
        if (!each.section().equals(section)) {
          section = each.section();
          out.append("\n## ").append(section).append('\n');
          out.append("| payload | Whygate | nginx | HAProxy |\n| --- | --- | --- | --- |\n");
        }
        List<Exchange> found =
            List.of(
                Exchange.of(ours.uri(), server, each),
                Exchange.of(nginx.uri(), server, each),
                Exchange.of(haProxy.uri(), server, each));
        for (int i = 0; i < dangers.length; i++) {
          dangers[i] += found.get(i).isDangerous() ? 1 : 0;
        }
        out.append("| ").append(each.name()).append(" | ");
        out.append(found.stream().map(Exchange::toString).collect(Collectors.joining(" | ")));
        out.append(" |\n");
      }
      out.append("\n## Marked\nOf ").append(payloads.size()).append(" payloads: Whygate ");
      out.append(dangers[0]).append(", nginx ").append(dangers[1]);
      out.append(", HAProxy ").append(dangers[2]).append(".\n");
      Files.writeString(DOCUMENT, out);
    }
  }

  private static Nginx nginx(StrictServer server) {
    int port = Place.HERE.freePort();
    return Nginx.with(
        Place.HERE,
        port,
        """
        listen 127.0.0.1:%d;
        client_header_timeout 1s;
        client_body_timeout 1s;
        client_max_body_size 1m;
        location / {
          proxy_pass %s;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_request_buffering off;
        }
        """
            .formatted(port, server.uri()));
  }

  private static String version(String... command) {
    String said = LabProcess.run(Place.HERE, Path.of("/"), command);
    return said.lines().findFirst().orElse("").replaceAll("^nginx version: | - http.*|-1\\+.*", "");
  }
}
