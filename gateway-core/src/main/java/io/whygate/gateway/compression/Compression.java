package io.whygate.gateway.compression;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.github.luben.zstd.util.Native;
import io.whygate.gateway.config.CompressionSettings;
import io.whygate.gateway.config.CompressionSettings.Coding;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides which answers of a route are compressed, and how. Safe for use by many event loops.
public final class Compression {
  private static final Logger LOG = LoggerFactory.getLogger(Compression.class);

  private final CompressionSettings settings;
  private final List<Coding> codings;
  private final MediaTypes types;
  private final AtomicInteger running = new AtomicInteger();

  /// Loads the libraries of the codings: not for an event loop. One that cannot be had is left out
  /// with a warning.
  public Compression(CompressionSettings settings) {
    this.settings = settings;
    codings = settings.codings().stream().filter(Compression::isAvailable).toList();
    types = new MediaTypes(settings.types());
  }

  private static boolean isAvailable(Coding coding) {
    try {
      switch (coding) {
        case GZIP -> {}
        case BR -> Brotli4jLoader.ensureAvailability();
        case ZSTD -> Native.load();
      }
      return true;
    } catch (UnsatisfiedLinkError | ExceptionInInitializerError e) {
      LOG.warn("nothing is compressed by {}: {}", AcceptedCodings.name(coding), e.getMessage());
      return false;
    }
  }

  /// What becomes of an answer.
  ///
  /// @param fields whole field lines to add, each ending in CRLF; may be empty
  /// @param content what encodes the content, and is to be closed; null where it stays as it is or
  ///   there is none
  /// @param isRecoded whether the head speaks of encoded content
  public record Plan(String fields, @Nullable EncodedContent content, boolean isRecoded) {
    static final Plan NOTHING = new Plan("", null, false);
  }

  public Plan plan(RequestHead request, ResponseHead head) {
    if (codings.isEmpty()) {
      return Plan.NOTHING;
    }
    FieldSection fields = head.fields();
    if (head.status() == 304) {
      return unchanged(request, fields);
    }
    if (!isWorthIt(request, head)) {
      return Plan.NOTHING;
    }
    String vary = vary(fields.joined("vary"));
    Coding coding = AcceptedCodings.best(request.fields().joined("accept-encoding"), codings);
    if (coding == null || request.minorVersion() == 0 || head.status() == 206) {
      return new Plan(vary, null, false);
    }
    EncodedContent content = null;
    if (!request.isHead()) {
      if (running.incrementAndGet() > settings.maxConcurrent()) {
        running.decrementAndGet();
        return new Plan(vary, null, false);
      }
      content =
          new EncodedContent(
              coding, encoder(coding, head.contentLength()), running::decrementAndGet);
    }
    String encoded = "Content-Encoding: " + AcceptedCodings.name(coding) + "\r\n";
    return new Plan(encoded + vary + weakTag(fields.joined("etag")), content, true);
  }

  /// Says of what has not changed what was said of it when it was encoded, so that caches know
  /// which of their answers that is (RFC 9110 section 15.4.5, RFC 9111 section 4.3.4): a client
  /// that names the weak form of the server's strong tag has it from here.
  private static Plan unchanged(RequestHead request, FieldSection fields) {
    String tag = fields.joined("etag");
    boolean wasEncoded =
        tag.startsWith("\"") && request.fields().joined("if-none-match").contains("W/" + tag);
    return wasEncoded
        ? new Plan(vary(fields.joined("vary")) + weakTag(tag), null, true)
        : Plan.NOTHING;
  }

  /// Whether an answer is compressed, or a part of one that would be.
  private boolean isWorthIt(RequestHead request, ResponseHead head) {
    long length = head.contentLength();
    boolean hasContent = request.isHead() || head.framing() != Framing.NONE;
    boolean isPart = head.status() == 206;
    boolean isLong = length < 0 ? head.framing() != Framing.NONE : length >= settings.minSize();
    FieldSection fields = head.fields();
    return hasContent
        && (isLong || isPart)
        && head.status() != 204
        && fields.joined("content-encoding").isEmpty()
        && (isPart || fields.joined("content-range").isEmpty())
        && types.contain(fields.first(FieldName.CONTENT_TYPE))
        && !isGrpc(fields.first(FieldName.CONTENT_TYPE))
        && !names(fields.joined("cache-control"), "no-transform");
  }

  /// Whether its content is messages that are compressed by themselves: gRPC's clients know no
  /// coding of the whole.
  private static boolean isGrpc(String type) {
    return type.regionMatches(true, 0, "application/grpc", 0, 16);
  }

  /// The line that tells caches that the answer depends on Accept-Encoding, where none does yet.
  private static String vary(String field) {
    return names(field, "*") || names(field, "accept-encoding") ? "" : "Vary: Accept-Encoding\r\n";
  }

  /// The encoded content is another representation, equal only in what it means (RFC 9110 section
  /// 8.8.3.3).
  private static String weakTag(String tag) {
    return tag.isEmpty() ? "" : "ETag: " + (tag.startsWith("W/") ? "" : "W/") + tag + "\r\n";
  }

  private static boolean names(String list, String word) {
    if (!list.isEmpty()) {
      for (String element : list.split(",", -1)) {
        if (element.strip().toLowerCase(Locale.ROOT).equals(word)) {
          return true;
        }
      }
    }
    return false;
  }

  private Encoder encoder(Coding coding, long length) {
    CompressionSettings.Levels levels = settings.levels();
    return switch (coding) {
      case GZIP -> new GzipEncoder(levels.gzip());
      case BR -> new BrotliEncoder(levels.br());
      case ZSTD -> new ZstdEncoder(levels.zstd(), length);
    };
  }
}
