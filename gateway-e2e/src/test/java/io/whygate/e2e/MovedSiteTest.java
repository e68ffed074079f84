package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Knot;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.lab.Unbound;
import java.net.http.HttpResponse;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// A site that moves to another address while a real resolver still remembers the old one.
@Needs({"root", "nginx", "knotd", "unbound"})
class MovedSiteTest {
  private static final Place AUTHORITY = Place.loopback("127.53.1.1");
  private static final Place RESOLVER = Place.loopback("127.53.1.2");
  private static final Place OLD = Place.loopback("127.53.1.41");
  private static final Place NEW = Place.loopback("127.53.1.42");

  private static Nginx nginx(Place place, int port, Folder root) {
    return Nginx.with(
        place, port, "listen " + place.address() + ":" + port + ";\nroot " + root.path() + ";");
  }

  private static String settings(int port) {
    return """
    dns { servers = ["%s:53"] }
    diagnostics.budget = 2s
    upstreams { site { endpoints = ["http://www.lab.example:%d"], connect-timeout = 2s } }
    routes = [ { path = "/", upstream = site } ]
    """
        .formatted(RESOLVER.address(), port);
  }

  /// What operators are told of the failure that was answered, for when it is not as expected.
  private static String evidence(GatewayProcess gateway, HttpResponse<String> answer)
      throws Exception {
    Optional<String> incident = answer.headers().firstValue("whygate-incident");
    return incident.isEmpty()
        ? answer.body()
        : gateway.admin("/api/incidents/" + incident.get()).body();
  }

  @Test
  void isFollowedAtOnceAndNoVisitorSeesAPage() throws Exception {
    int port = OLD.freePort();
    try (Folder root = Folder.create("site");
        Knot zone = Knot.serving(AUTHORITY, "lab.example", "www A " + OLD.address());
        Unbound _ = Unbound.resolving(RESOLVER, "lab.example", AUTHORITY);
        Nginx before = nginx(OLD, port, root)) {
      root.write("index.html", "the site");
      try (GatewayProcess gateway = GatewayProcess.start(settings(port))) {
        assertThat(gateway.get("/").body()).isEqualTo("the site");

        zone.change(2, "www A " + NEW.address());
        before.stop();
        try (Nginx _ = nginx(NEW, port, root)) {
          HttpResponse<String> answer = gateway.get("/");

          assertThat(answer.statusCode()).as(evidence(gateway, answer)).isEqualTo(200);
          assertThat(answer.body()).isEqualTo("the site");
          JsonObject incident = gateway.incident("dns.drift");
          assertThat(incident.get("state").getAsString()).isEqualTo("healed");
        }
      }
    }
  }

  @Test
  void isNamedAsTheCauseWhereTheNewAddressFailsToo() throws Exception {
    int port = OLD.freePort();
    try (Folder root = Folder.create("site");
        Knot zone = Knot.serving(AUTHORITY, "lab.example", "www A " + OLD.address());
        Unbound _ = Unbound.resolving(RESOLVER, "lab.example", AUTHORITY);
        Nginx before = nginx(OLD, port, root)) {
      root.write("index.html", "the site");
      try (GatewayProcess gateway = GatewayProcess.start(settings(port))) {
        assertThat(gateway.get("/").body()).isEqualTo("the site");

        zone.change(2, "www A " + NEW.address());
        before.stop();
        HttpResponse<String> answer = gateway.get("/");

        assertThat(answer.headers().firstValue("whygate-cause"))
            .as(evidence(gateway, answer))
            .hasValue("dns.drift");
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).doesNotContain("127.53.1.");
      }
    }
  }
}
