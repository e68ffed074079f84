package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A Unix socket that the gateway's user may not open. The gateway runs without the right that lets
/// root open everything.
@Needs({"root", "setpriv"})
class SocketDeniedTest {
  private static final Place WITHOUT_RIGHTS =
      new Place(
          "127.0.0.1", List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"));

  private static void permit(Path file, String permissions) throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  @Test
  void isNamedAndTellsHowToMendIt() throws Exception {
    try (Folder folder = Folder.create("socket");
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      Path socket = folder.path().resolve("app.sock");
      server.bind(UnixDomainSocketAddress.of(socket));
      permit(socket, "---------");
      try (GatewayProcess gateway =
          GatewayProcess.start(
              WITHOUT_RIGHTS,
              "upstreams { site { endpoints = [\"unix:%s\"] } }\nroutes = [ { upstream = site } ]"
                  .formatted(socket))) {
        HttpResponse<String> answer = gateway.get("/", "Accept", "application/problem+json");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(502);
        assertThat(answer.headers().firstValue("whygate-cause")).hasValue("server.socket-denied");
        assertThat(answer.headers().firstValue("proxy-status"))
            .hasValue("whygate;error=connection_refused");
        assertThat(answer.body()).doesNotContain("app.sock", folder.path().toString());
        String incident =
            LabProcess.run(
                Place.HERE,
                folder.path(),
                "curl",
                "-fsS",
                gateway.adminUri()
                    + "/api/incidents/"
                    + answer.headers().firstValue("whygate-incident").orElseThrow());
        JsonObject document = JsonParser.parseString(incident).getAsJsonObject();
        assertThat(document.getAsJsonArray("fix").toString())
            .as("the file that has to be opened")
            .contains(socket.toString());
        assertThat(document.get("request_processed").getAsString()).isEqualTo("not_sent");
      }
    }
  }
}
