package io.whygate.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/// A folder of a test's own under the system's temporary folder, deleted on close.
public record Folder(Path path) implements AutoCloseable {

  /// Makes one whose name begins with `name`; everybody may enter it, since some servers' workers
  /// are not us.
  public static Folder create(String name) {
    try {
      Path path = Files.createTempDirectory("whygate-" + name + "-");
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
      return new Folder(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes a text file, with the folders above it, and returns its path.
  public Path write(String name, String text) {
    try {
      Path file = path.resolve(name);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Makes an RSA certificate in it, its own issuer, by the machine's openssl.
  ///
  /// @param subject `DNS:` or `IP:` and the name
  /// @param key the file of the key
  /// @param certificate the file of the certificate
  public void selfSigned(String subject, String key, String certificate) {
    LabProcess.run(
        Place.HERE,
        path,
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=" + subject.substring(subject.indexOf(':') + 1),
        "-addext",
        "subjectAltName=" + subject,
        "-keyout",
        key,
        "-out",
        certificate);
  }

  /// Deletes a file, where there is one.
  public void delete(String name) {
    try {
      Files.deleteIfExists(path.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The text of a file, empty where there is none.
  public String read(String name) {
    try {
      Path file = path.resolve(name);
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> all = Files.walk(path)) {
      all.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // A server that ends just now removes its own files: what is left is the system's to clean.
    }
  }
}
