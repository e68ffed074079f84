package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.demo.Breakage;
import io.whygate.faults.demo.DemoPorts;
import io.whygate.faults.demo.DemoSite;
import io.whygate.gateway.Gateway;
import io.whygate.gateway.admin.Operations;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Whoever presses one button of the demo's panel after the other, and looks each time, is told of
/// the last one.
class DemoButtonsTest {
  private static final Pattern LAST_SEEN = Pattern.compile("\"last_seen\": ?\"([^\"]+)\"");

  private static final long QUICK_HAND_MILLIS = 300;
  private static final Duration TO_SHOW = Duration.ofSeconds(10);

  @Test
  void eachIsExplainedThoughItIsPressedRightAfterAnother() throws Exception {
    DemoPorts ports = new DemoPorts(freePort(), 0, freePort());
    try (DemoSite site = DemoSite.start(ports);
        Gateway _ =
            Gateway.start(DemoConfig.of(site, ports), () -> new Operations.Applied(List.of()));
        HttpClient client = HttpClient.newHttpClient()) {
      URI shop = URI.create("http://127.0.0.1:" + ports.gateway());
      URI admin = URI.create("http://127.0.0.1:" + ports.admin());
      assertThat(get(client, shop.resolve("/"))).contains("Storm Lantern");
      List<String> wrong = new ArrayList<>();
      for (Breakage each : Breakage.values()) {
        TimeUnit.MILLISECONDS.sleep(QUICK_HAND_MILLIS);
        Instant pressed = Instant.now();
        site.breakIt(each);
        String shown = get(client, shop.resolve(each.path()));
        boolean named = isNamed(client, admin, each, pressed);
        while (!named && Instant.now().isBefore(pressed.plus(TO_SHOW))) {
          TimeUnit.MILLISECONDS.sleep(50);
          if (each.part() == Breakage.Part.DNS) {
            // An answer of the name's servers is kept for its time to live.
            shown = get(client, shop.resolve(each.path()));
          }
          named = isNamed(client, admin, each, pressed);
        }
        if (!named) {
          wrong.add(each.id() + ": " + shown.lines().limit(30).toList());
        }
      }
      assertThat(wrong).isEmpty();
    }
  }

  /// Whether an incident of one of the causes has been hit since.
  private static boolean isNamed(HttpClient client, URI admin, Breakage breakage, Instant since) {
    for (String cause : breakage.causes()) {
      Matcher seen = LAST_SEEN.matcher(get(client, admin.resolve("/api/incidents?cause=" + cause)));
      while (seen.find()) {
        if (!Instant.parse(seen.group(1)).isBefore(since)) {
          return true;
        }
      }
    }
    return false;
  }

  private static String get(HttpClient client, URI at) {
    HttpRequest request = HttpRequest.newBuilder(at).timeout(Duration.ofSeconds(20)).build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "broken off: " + e;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", 0));
      return socket.getLocalPort();
    }
  }
}
