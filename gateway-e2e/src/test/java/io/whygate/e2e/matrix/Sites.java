package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The scenes that many faults share: one server that works, breaks and is mended.
final class Sites {
  static final String NAME = "shop.lab.test";
  static final String SICK = "/sick";

  private Sites() {}

  /// A plain server that gets this fault.
  static Row.Staging plain(Fault fault) {
    return plain(fault, "");
  }

  /// The same, with more settings of the upstream.
  static Row.Staging plain(Fault fault, String more) {
    return scene -> {
      FaultyServer server = scene.open(FaultyServer.start());
      scene.upstream(server.uri(), more).breaks(_ -> server.fault(fault), _ -> server.mend());
    };
  }

  /// A plain server that gets this fault on one path only, the one that is asked for.
  static Row.Staging onePath(Fault.OnRequest fault) {
    return scene -> {
      FaultyServer server = scene.open(FaultyServer.start());
      scene
          .upstream(server.uri(), "")
          .asks("GET", SICK)
          .breaks(_ -> server.fault(new Fault.PathFailure(SICK, fault)), _ -> server.mend());
    };
  }

  /// A TLS server that gets this fault.
  static Row.Staging tls(TlsFault fault) {
    return scene -> {
      Pki pki = Pki.of(NAME, "127.0.0.1");
      FaultyServer server = scene.open(FaultyServer.startTls(pki));
      scene
          .upstream(server.uri(), trusting(scene, pki))
          .breaks(_ -> server.tlsFault(fault), _ -> server.mend());
    };
  }

  /// The settings of an upstream that has certificates of this root.
  static String trusting(Scene scene, Pki pki) throws IOException {
    Path trusted = Files.createTempFile("whygate-matrix", ".pem");
    scene.open(() -> Files.deleteIfExists(trusted));
    Certificates.writePem(trusted, pki.root());
    return "tls { trusted-certificates = \"%s\", server-name = \"%s\" }".formatted(trusted, NAME);
  }
}
