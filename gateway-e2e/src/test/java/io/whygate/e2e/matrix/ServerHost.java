package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.Place;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;

/// A host of a [Network] with a server on it.
///
/// @param name its own, and that of the router's end of the line to it
/// @param address its IPv4 address
/// @param address6 its IPv6 address
record ServerHost(Network network, Place place, String name, String address, String address6) {
  private static final String TABLE = "broken";

  /// A server on this host.
  FaultyServer server(Scene scene) throws Exception {
    return server(scene, address, 0);
  }

  /// A server on one of its addresses, `::` for all, and a port, 0 for any.
  FaultyServer server(Scene scene, String at, int port) throws Exception {
    return scene.open(
        network.inside(place, () -> FaultyServer.builder().address(at).port(port).start()));
  }

  /// One that ends each connection after its answer, so that each request needs a new one.
  FaultyServer closingServer(Scene scene) throws Exception {
    FaultyServer server = server(scene);
    server.site(_ -> Response.text(200, "hello").with("Connection", "close"));
    return server;
  }

  /// Filters what comes in, until it is mended.
  void filter(String... rules) {
    network.filter(place, TABLE, "input", rules);
  }

  void unfilter() {
    network.unfilter(place, TABLE);
  }
}
