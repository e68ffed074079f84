package io.whygate.faults.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.FaultyServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ShopSiteTest {
  private static final Pattern LINK = Pattern.compile("(?:href|src|action)=\"([^\"#]+)\"");

  @Test
  void everyLinkLeadsToAPageOfItsOwn() throws Exception {
    try (var server = FaultyServer.builder().site(new ShopSite()).start();
        var client = HttpClient.newHttpClient()) {
      var toVisit = new ArrayDeque<String>(List.of("/"));
      Set<String> seen = new LinkedHashSet<>(toVisit);
      while (!toVisit.isEmpty()) {
        String path = toVisit.removeFirst();
        HttpResponse<String> page =
            client.send(
                HttpRequest.newBuilder(server.uri().resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(page.statusCode()).as(path).isEqualTo(200);
        var links = LINK.matcher(page.body());
        while (links.find()) {
          assertThat(links.group(1)).as("link on " + path).startsWith("/");
          if (seen.add(links.group(1))) {
            toVisit.add(links.group(1));
          }
        }
      }
      assertThat(seen)
          .contains(
              "/assets/shop.css", "/assets/lantern.svg", "/checkout", "/journal/trimming-a-wick");
    }
  }

  @Test
  void theHomePageNeverChanges() {
    assertThat(new ShopPages().at("/")).isPresent().isEqualTo(new ShopPages().at("/"));
  }

  @Test
  void thanksByNameWithoutTrustingIt() throws Exception {
    try (var server = FaultyServer.builder().site(new ShopSite()).start();
        var client = HttpClient.newHttpClient()) {
      HttpResponse<String> thanks =
          client.send(
              HttpRequest.newBuilder(server.uri().resolve("/checkout"))
                  .POST(HttpRequest.BodyPublishers.ofString("name=%3Cb%3EAda&note=x"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(thanks.statusCode()).isEqualTo(200);
      assertThat(thanks.body()).contains("Thank you, &lt;b&gt;Ada!");
      assertThat(thanks.headers().firstValue("Cache-Control")).hasValue("no-store");
    }
  }
}
