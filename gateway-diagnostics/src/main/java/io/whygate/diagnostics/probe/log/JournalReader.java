package io.whygate.diagnostics.probe.log;

import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.probe.Deadline;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Reads the journal of this machine by `journalctl -o export`, with a deadline and a bound on what
/// is read.
///
/// The program is asked, and not the files: their format is its own affair, and it knows who may
/// read them. The export format is chosen over JSON since it is made to be read by programs and
/// needs no parser but a line's. Blocks; call it on virtual threads.
final class JournalReader {
  private static final int BYTES = 512 * 1024;
  private static final int ENTRIES = 500;
  private static final String FIELDS = "MESSAGE,_SOURCE_REALTIME_TIMESTAMP";

  private final List<String> command;

  /// @param command the program with the options that say where its journal is
  JournalReader(List<String> command) {
    this.command = List.copyOf(command);
  }

  /// The messages of a unit between two moments.
  ///
  /// @throws IOException with why it cannot be read as its message
  List<LogLine> lines(LogSource.Journal source, Instant from, Instant to, Deadline deadline)
      throws IOException {
    Process process =
        new ProcessBuilder(words(source, from, to))
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    try {
      CompletableFuture<byte[]> errors = inBackground(process.getErrorStream(), 2_000);
      byte[] found =
          inBackground(process.getInputStream(), BYTES)
              .get(Math.max(1, deadline.remainingMillis()), TimeUnit.MILLISECONDS);
      List<JournalExport.Entry> entries = JournalExport.read(found);
      if (entries.isEmpty()) {
        complain(process, errors, deadline);
      }
      return entries.stream().map(each -> line(source, each)).toList();
    } catch (TimeoutException e) {
      throw new IOException("journalctl did not answer in time", e);
    } catch (ExecutionException e) {
      throw new IOException("journalctl: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> words(LogSource.Journal source, Instant from, Instant to) {
    var words = new ArrayList<>(command);
    words.addAll(
        List.of(
            "--no-pager",
            "--output=export",
            "--output-fields=" + FIELDS,
            "--lines=" + ENTRIES,
            "--since=@" + from.getEpochSecond(),
            "--until=@" + (to.getEpochSecond() + 1)));
    words.add(source.unit().equals(LogSource.KERNEL) ? "--dmesg" : "--unit=" + source.unit());
    return words;
  }

  /// No entry is no error, but where the program says so.
  private static void complain(Process process, CompletableFuture<byte[]> errors, Deadline deadline)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    long millis = Math.max(1, deadline.remainingMillis());
    String said =
        new String(errors.get(millis, TimeUnit.MILLISECONDS), StandardCharsets.UTF_8).strip();
    boolean failed = process.waitFor(millis, TimeUnit.MILLISECONDS) && process.exitValue() != 0;
    if (failed || said.contains("No journal files") || said.contains("permission")) {
      throw new IOException(
          said.isEmpty() ? "journalctl failed" : said.lines().toList().getFirst());
    }
  }

  /// Whatever a unit's journal has is the unit's own, so nobody asks which program wrote it.
  private static LogLine line(LogSource.Journal source, JournalExport.Entry entry) {
    return new LogLine(source.label(), entry.at(), "", entry.field("MESSAGE").orElse(""), false);
  }

  private static CompletableFuture<byte[]> inBackground(InputStream in, int limit) {
    var result = new CompletableFuture<byte[]>();
    Thread.ofVirtual()
        .name("journal")
        .start(() -> {
          try (in) {
            result.complete(read(in, limit));
          } catch (IOException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static byte[] read(InputStream in, int limit) throws IOException {
    var out = new ByteArrayOutputStream();
    byte[] piece = new byte[8_192];
    int n = in.read(piece);
    while (n >= 0 && out.size() < limit) {
      out.write(piece, 0, Math.min(n, limit - out.size()));
      n = in.read(piece);
    }
    return out.toByteArray();
  }
}
