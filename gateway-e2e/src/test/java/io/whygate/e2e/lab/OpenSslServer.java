package io.whygate.e2e.lab;

import io.whygate.faults.tls.KeyedCertificate;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// OpenSSL's own server, which answers each GET with a page of its state, one connection after the
/// other, and sends the alerts that OpenSSL sends. It can be started again on the same port, with
/// other options.
public final class OpenSslServer implements AutoCloseable {
  private final Folder folder = Folder.create("openssl");
  private final int port = Place.HERE.freePort();
  private LabProcess process;

  private OpenSslServer(KeyedCertificate shown, List<String> options) throws IOException {
    process = launch(shown, options);
  }

  /// Shows this, with further options of `openssl s_server`.
  public static OpenSslServer showing(KeyedCertificate shown, String... options)
      throws IOException {
    return new OpenSslServer(shown, List.of(options));
  }

  private LabProcess launch(KeyedCertificate shown, List<String> options) throws IOException {
    KeyedCertificate.PemFiles files = shown.writeTo(folder.path(), "server");
    List<String> command = new ArrayList<>();
    command.addAll(List.of("openssl", "s_server", "-www", "-quiet"));
    command.addAll(List.of("-accept", Place.HERE.address() + ":" + port));
    command.addAll(List.of("-cert", files.chain().toString(), "-key", files.key().toString()));
    if (shown.chain().size() > 1) {
      command.addAll(List.of("-cert_chain", files.chain().toString()));
    }
    command.addAll(options);
    return LabProcess.start(Place.HERE, folder.path(), Map.of(), command)
        .awaitPort(Place.HERE, port);
  }

  /// Ends it.
  public void stop() {
    process.close();
    process.awaitExit(Duration.ofSeconds(10));
  }

  /// Ends it and starts it again with this certificate and these options.
  public void restart(KeyedCertificate shown, String... options) throws IOException {
    stop();
    process = launch(shown, List.of(options));
  }

  public URI uri() {
    return URI.create("https://" + Place.HERE.address() + ":" + port);
  }

  /// A file beside it, for its options.
  public String file(String name, String text) {
    return folder.write(name, text).toString();
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
