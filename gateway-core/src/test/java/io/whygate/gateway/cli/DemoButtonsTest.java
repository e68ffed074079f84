package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.demo.Breakage;
import io.whygate.faults.demo.DemoPorts;
import io.whygate.faults.demo.DemoSite;
import io.whygate.gateway.Gateway;
import io.whygate.gateway.admin.Operations;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.BindException;
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
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
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
        Optional<String> shown = press(site, client, shop, admin, each);
        if (shown.isPresent() && isBusy()) {
          // What is late is told by what is usual, which a busy machine's own delays blur.
          shown = press(site, client, shop, admin, each);
        }
        shown.ifPresent(page -> wrong.add(each.id() + ": " + page.lines().limit(30).toList()));
      }
      assertThat(wrong).isEmpty();
    }
  }

  /// Breaks the site in one more way and looks; what was shown, where nobody is told of it in time.
  private static Optional<String> press(
      DemoSite site, HttpClient client, URI shop, URI admin, Breakage breakage) throws Exception {
    TimeUnit.MILLISECONDS.sleep(QUICK_HAND_MILLIS);
    Instant pressed = Instant.now();
    site.breakIt(breakage);
    String shown = get(client, shop.resolve(breakage.path()));
    while (!isNamed(client, admin, breakage, pressed)) {
      if (Instant.now().isAfter(pressed.plus(TO_SHOW))) {
        return Optional.of(shown);
      }
      TimeUnit.MILLISECONDS.sleep(50);
      if (breakage.part() == Breakage.Part.DNS) {
        // An answer of the name's servers is kept for its time to live.
        shown = get(client, shop.resolve(breakage.path()));
      }
    }
    return Optional.empty();
  }

  private static boolean isBusy() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()
        > Runtime.getRuntime().availableProcessors();
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

  /// One below those that the system gives to anybody who names none.
  private static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(11_000, 32_000);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress("127.0.0.1", port));
        return port;
      } catch (BindException e) {
        // Somebody is there: another one.
        continue;
      }
    }
  }
}
