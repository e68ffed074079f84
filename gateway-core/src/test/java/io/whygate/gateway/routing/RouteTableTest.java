package io.whygate.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.RouteSettings;
import io.whygate.gateway.http.Heads;
import io.whygate.gateway.upstream.TestUpstreams;
import io.whygate.gateway.upstream.Upstream;
import io.whygate.gateway.upstream.Upstreams;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouteTableTest {
  private static final Map<String, Upstream> UPSTREAMS =
      Map.of(
          "shop",
          Upstreams.of(
                  List.of(
                      TestUpstreams.of(new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", 1))
                          .settings()),
                  System::nanoTime)
              .all()
              .iterator()
              .next());

  private static RouteSettings prefix(String host, String path) {
    return new RouteSettings(
        host + path,
        host,
        path,
        false,
        Set.of(),
        Map.of(),
        "shop",
        Optional.empty(),
        Optional.empty());
  }

  private static RouteSettings exact(String host, String path) {
    return new RouteSettings(
        "=" + host + path,
        host,
        path,
        true,
        Set.of(),
        Map.of(),
        "shop",
        Optional.empty(),
        Optional.empty());
  }

  private static RouteSettings conditional(
      String name, String path, Set<String> methods, Map<String, String> headers) {
    return new RouteSettings(
        name, "", path, false, methods, headers, "shop", Optional.empty(), Optional.empty());
  }

  private static String match(RouteTable table, String lines) {
    return switch (table.match(Heads.request(lines))) {
      case RouteTable.Match.Found(Route route) -> route.name();
      case RouteTable.Match.NotFound() -> "none";
      case RouteTable.Match.BadPath() -> "bad";
    };
  }

  @ParameterizedTest
  @CsvSource({
    "a.test, /, a.test/",
    "A.TEST, /, a.test/",
    "a.test:8080, /, a.test/",
    "a.test., /, a.test/",
    "b.a.test, /, *.a.test/",
    "c.b.a.test, /, *.a.test/",
    "c.b.test, /, /",
    "xa.test, /, /",
    "'', /, /",
    "[::1]:80, /, /",
    "a.test, /img, a.test/img",
    "a.test, /img/, a.test/img",
    "a.test, /img/x, a.test/img",
    "a.test, /image, a.test/",
    "a.test, /img/deep, a.test/img/deep/",
    "a.test, /img/deep/er, a.test/img/deep/",
    "a.test, /img?x=/img/deep, a.test/img",
    "a.test, /one, =a.test/one",
    "a.test, /one/, a.test/",
    "a.test, /one/two, a.test/",
    "b.a.test, /img, *.a.test/",
    "other, /img, /",
  })
  void prefersTheMostSpecificRoute(String host, String path, String expected) {
    RouteTable table =
        new RouteTable(
            List.of(
                prefix("", "/"),
                prefix("*.a.test", "/"),
                prefix("a.test", "/"),
                prefix("a.test", "/img"),
                prefix("a.test", "/img/deep/"),
                exact("a.test", "/one")),
            UPSTREAMS);
    assertThat(match(table, "GET " + path + " HTTP/1.1|Host: " + host)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/admin, /admin",
    "/%61dmin, /admin",
    "/%41dmin, /",
    "/x/../admin, /admin",
    "/./admin, /admin",
    "/x/%2e%2e/admin, /admin",
    "/x/%2E./admin/., /admin",
    "/admin/.., /",
    "/admin%2Fx, /",
    "/.., bad",
    "/../admin, bad",
    "/x/../../admin, bad",
    "/%, bad",
    "/%4, bad",
    "/%zz, bad",
    "/a%00b, /",
  })
  void seesThroughTheSpellingOfAPath(String path, String expected) {
    RouteTable table = new RouteTable(List.of(prefix("", "/"), prefix("", "/admin")), UPSTREAMS);
    assertThat(match(table, "GET " + path + " HTTP/1.1|Host: a")).isEqualTo(expected);
  }

  @Test
  void looksAtTheSpellingEvenWhereOneRouteTakesAll() {
    RouteTable table = new RouteTable(List.of(prefix("", "/")), UPSTREAMS);
    assertThat(match(table, "GET /any HTTP/1.1|Host: a")).isEqualTo("/");
    assertThat(match(table, "GET /../x HTTP/1.1|Host: a")).isEqualTo("bad");
    assertThat(match(table, "OPTIONS * HTTP/1.1|Host: a")).isEqualTo("/");
  }

  @Test
  void asksMethodsAndHeadersMoreConditionsFirst() {
    RouteTable table =
        new RouteTable(
            List.of(
                conditional("all", "/", Set.of(), Map.of()),
                conditional("post", "/", Set.of("POST"), Map.of()),
                conditional("beta", "/", Set.of("POST"), Map.of("x-version", "beta*")),
                conditional("first", "/same", Set.of(), Map.of("x-a", "1")),
                conditional("second", "/same", Set.of(), Map.of("x-b", "1"))),
            UPSTREAMS);
    assertThat(match(table, "GET / HTTP/1.1|Host: a")).isEqualTo("all");
    assertThat(match(table, "POST / HTTP/1.1|Host: a|Content-Length: 0")).isEqualTo("post");
    assertThat(match(table, "POST / HTTP/1.1|Host: a|X-Version: beta2")).isEqualTo("beta");
    assertThat(match(table, "POST / HTTP/1.1|Host: a|X-Version: alpha")).isEqualTo("post");
    assertThat(match(table, "GET /same HTTP/1.1|Host: a|X-B: 1|X-A: 1")).isEqualTo("first");
    assertThat(match(table, "GET /same HTTP/1.1|Host: a|X-B: 1")).isEqualTo("second");
    assertThat(match(table, "GET /same HTTP/1.1|Host: a|X-B: 2")).isEqualTo("all");
  }

  @Test
  void findsNothingWhereNothingFits() {
    RouteTable table = new RouteTable(List.of(prefix("a.test", "/x")), UPSTREAMS);
    assertThat(match(table, "GET /y HTTP/1.1|Host: a.test")).isEqualTo("none");
    assertThat(match(table, "GET /x HTTP/1.1|Host: b.test")).isEqualTo("none");
  }

  @Test
  void refusesARouteToNowhere() {
    RouteSettings astray =
        new RouteSettings(
            "x",
            "",
            "/",
            false,
            Set.of(),
            Map.of(),
            "elsewhere",
            Optional.empty(),
            Optional.empty());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RouteTable(List.of(astray), UPSTREAMS))
        .withMessageContaining("elsewhere");
  }
}
