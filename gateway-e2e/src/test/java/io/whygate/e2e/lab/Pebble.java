package io.whygate.e2e.lab;

import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Pebble, the authority of Let's Encrypt for tests, with a DNS server that says that every name is
/// this machine.
public final class Pebble implements AutoCloseable {
  private static final String BINARY = "/usr/bin/";

  private final Folder folder;
  private final int port;
  private final LabProcess names;
  private final LabProcess process;

  private Pebble(Folder folder, int port, LabProcess names, LabProcess process) {
    this.folder = folder;
    this.port = port;
    this.names = names;
    this.process = process;
  }

  /// Starts one.
  ///
  /// @param httpPort where it asks for proofs over HTTP
  /// @param tlsPort where it asks for proofs over TLS
  /// @param more members of its configuration, each with a comma before it
  public static Pebble start(int httpPort, int tlsPort, String more) throws Exception {
    Folder folder = Folder.create("pebble");
    Place here = Place.HERE;
    int port = here.freePort();
    int dnsPort = here.freePort();
    Pki pki = Pki.of("localhost", "127.0.0.1");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder.path(), "pebble");
    Certificates.writePem(folder.path().resolve("root.pem"), pki.root());
    folder.write(
        "pebble.json",
        """
        { "pebble": { "listenAddress": "127.0.0.1:%d", "managementListenAddress": "127.0.0.1:%d",
          "certificate": "%s", "privateKey": "%s", "httpPort": %d, "tlsPort": %d,
          "ocspResponderURL": ""%s } }
        """
            .formatted(port, here.freePort(), files.chain(), files.key(), httpPort, tlsPort, more));
    LabProcess names =
        LabProcess.start(
            here,
            folder.path(),
            BINARY + "pebble-challtestsrv",
            "-dns01",
            "127.0.0.1:" + dnsPort,
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
            "-management",
            "127.0.0.1:" + here.freePort(),
            "-defaultIPv6",
            "");
    try {
      LabProcess process =
          LabProcess.start(
              here,
              folder.path(),
              Map.of("PEBBLE_VA_NOSLEEP", "1", "PEBBLE_AUTHZREUSE", "0"),
              List.of(
                  BINARY + "pebble",
                  "-config",
                  "pebble.json",
                  "-dnsserver",
                  "127.0.0.1:" + dnsPort));
      process.awaitPort(here, port);
      return new Pebble(folder, port, names, process);
    } catch (RuntimeException | Error e) {
      names.close();
      throw e;
    }
  }

  /// Its directory.
  public URI directory() {
    return URI.create("https://localhost:" + port + "/dir");
  }

  /// The authority of its own certificate.
  public Path trusted() {
    return folder.path().resolve("root.pem");
  }

  /// What it has printed.
  public String output() {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
    names.close();
    folder.close();
  }
}
