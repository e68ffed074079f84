package io.whygate.faults.demo;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Certificates;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The running demo without its gateway: a small site, the name servers of its names, and the
/// panel. It says what configuration the gateway in front of it needs. Thread-safe.
public final class DemoSite implements Closeable {
  private final Stage stage;
  private final FaultyServer panel;
  private final PanelSite panelSite;
  private final Path folder;
  private final Path trusted;

  private DemoSite(
      Stage stage, FaultyServer panel, PanelSite panelSite, Path folder, Path trusted) {
    this.stage = stage;
    this.panel = panel;
    this.panelSite = panelSite;
    this.folder = folder;
    this.trusted = trusted;
  }

  /// Starts everything.
  ///
  /// @throws IOException where a port, most likely the panel's, is taken
  public static DemoSite start(DemoPorts ports) throws IOException {
    FaultyServer panel =
        FaultyServer.builder().port(ports.panel()).site(PanelSite.notReady()).start();
    try {
      Stage stage = new Stage(new ShopSite(), panel.uri().resolve(PanelSite.ISSUER_PATH));
      try {
        PanelSite panelSite = new PanelSite(stage, ports, panel.port());
        panel.site(panelSite);
        Path folder = Files.createTempDirectory("whygate-demo");
        Path trusted =
            Certificates.writePem(folder.resolve("root.pem"), stage.certificates().root());
        return new DemoSite(stage, panel, panelSite, folder, trusted);
      } catch (IOException | RuntimeException e) {
        stage.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      panel.close();
      throw e;
    }
  }

  /// The panel's address, for a browser.
  public URI panel() {
    return panel.uri();
  }

  /// What the gateway proxies to. Their paths are routes; a path is passed on unchanged.
  public List<DemoUpstream> upstreams() {
    return stage.upstreams();
  }

  /// For `dns.servers`.
  public List<InetSocketAddress> dnsServers() {
    return List.of(stage.resolver().address());
  }

  /// For `dns.authoritative-port`.
  public int authoritativePort() {
    return stage.authority().port();
  }

  /// The PEM file for `tls.trusted-certificates`, of the upstreams that use TLS.
  public Path trustedCertificates() {
    return trusted;
  }

  /// For `connect-timeout`: short, so that a page comes while one looks.
  public Duration connectTimeout() {
    return Duration.ofSeconds(1);
  }

  /// For `response-timeout`: short, so that a page comes while one looks.
  public Duration responseTimeout() {
    return Duration.ofMillis(1500);
  }

  /// Breaks something, as a press of its button does.
  public void breakIt(Breakage breakage) {
    panelSite.breakIt(breakage);
  }

  /// Mends everything.
  public void mend() {
    stage.mend();
  }

  /// What is broken now.
  public Optional<Breakage> broken() {
    return stage.broken();
  }

  @Override
  public void close() {
    panel.close();
    panelSite.close();
    stage.close();
    try {
      Files.deleteIfExists(trusted);
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("delete " + folder, e);
    }
  }
}
