package io.whygate.gateway.exchange;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.grpc.GrpcTimeout;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Grammar;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.trace.Trace;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The head of a request as an endpoint sees it: what passes through is copied in runs, what
/// belongs to one hop is left out, what the gateway says is added (RFC 9110 section 7.6).
///
/// @param traced its place in a trace; null where exchanges are not traced
/// @param timeLeft what is left of the time of a gRPC call, nanoseconds, which the server is told
///   in place of what its client said; negative where nothing bounds it
record UpstreamRequest(
    RequestHead request,
    Endpoint endpoint,
    UpstreamSettings.HostHeader hostHeader,
    ForwardedFields forwarded,
    RequestId id,
    @Nullable TracedAttempt traced,
    long timeLeft)
    implements OutgoingRequest {
  private static final byte[] VERSION_HOST = ascii(" HTTP/1.1\r\nHost: ");
  private static final byte[] CRLF = ascii("\r\n");
  private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] UPGRADE = ascii("Connection: Upgrade\r\nUpgrade: ");
  private static final byte[] TRAILERS = ascii("trailers");
  private static final byte[] MAX_FORWARDS = ascii("Max-Forwards: ");
  private static final byte[] GRPC_TIMEOUT = ascii("grpc-timeout: ");

  /// An attempt of an exchange that is traced.
  ///
  /// @param span its own
  record TracedAttempt(Trace trace, long span) {}

  /// One whose time nothing bounds.
  UpstreamRequest(
      RequestHead request,
      Endpoint endpoint,
      UpstreamSettings.HostHeader hostHeader,
      ForwardedFields forwarded,
      RequestId id,
      @Nullable TracedAttempt traced) {
    this(request, endpoint, hostHeader, forwarded, id, traced, -1);
  }

  @Override
  public boolean isHead() {
    return request.isHead();
  }

  @Override
  public boolean asksForUpgrade() {
    return request.upgradeField() >= 0;
  }

  @Override
  public boolean takesTrailers() {
    FieldSection fields = request.fields();
    int te = fields.find(FieldName.TE, 0);
    return te >= 0
        && Grammar.equalsIgnoreCase(
            fields.bytes(), fields.valueStart(te), fields.valueEnd(te), TRAILERS);
  }

  @Override
  public Framing framing() {
    return request.framing();
  }

  @Override
  public int sizeHint() {
    return request.fields().count() * 48 + 512;
  }

  @Override
  public void writeHttp1(ByteBuf out) {
    byte[] bytes = request.fields().bytes();
    writeTarget(out, request, bytes);
    out.writeBytes(VERSION_HOST);
    boolean preserve =
        hostHeader == UpstreamSettings.HostHeader.PRESERVE
            && request.authorityEnd() > request.authorityStart();
    if (preserve) {
      out.writeBytes(
          bytes, request.authorityStart(), request.authorityEnd() - request.authorityStart());
    } else {
      ByteBufUtil.writeAscii(out, hostOf(endpoint));
    }
    out.writeBytes(CRLF);
    writeFields(out, request);
    id.write(out);
    if (traced != null) {
      out.writeBytes(traced.trace().line(traced.span()));
    }
    if (timeLeft >= 0) {
      out.writeBytes(GRPC_TIMEOUT);
      ByteBufUtil.writeAscii(out, GrpcTimeout.text(timeLeft));
      out.writeBytes(CRLF);
    }
    writeFraming(out, request);
    int upgrade = request.upgradeField();
    if (upgrade >= 0) {
      FieldSection fields = request.fields();
      out.writeBytes(UPGRADE);
      out.writeBytes(
          bytes, fields.valueStart(upgrade), fields.valueEnd(upgrade) - fields.valueStart(upgrade));
      out.writeBytes(CRLF);
    }
    forwarded.write(out, request);
    out.writeBytes(CRLF);
  }

  /// The Host field of an endpoint: without the port that its scheme implies.
  private static String hostOf(Endpoint endpoint) {
    int implied = endpoint.isTls() ? 443 : 80;
    String authority = endpoint.authority();
    return endpoint.port() == implied
        ? authority.substring(0, authority.lastIndexOf(':'))
        : authority;
  }

  private static void writeTarget(ByteBuf out, RequestHead request, byte[] bytes) {
    int start = request.targetStart();
    int end = request.targetEnd();
    if (!request.isAbsoluteForm()) {
      out.writeBytes(bytes, request.methodStart(), end - request.methodStart());
      return;
    }
    ByteBufUtil.writeAscii(out, request.method());
    out.writeByte(' ');
    if (start == end) {
      out.writeByte(request.method().equals("OPTIONS") ? '*' : '/');
      return;
    }
    if (bytes[start] == '?') {
      out.writeByte('/');
    }
    out.writeBytes(bytes, start, end - start);
  }

  private void writeFields(ByteBuf out, RequestHead request) {
    FieldSection fields = request.fields();
    boolean nominations = request.hasNominations();
    int count = fields.count();
    for (int i = 0; i < count; i++) {
      if (passes(request, fields, i, nominations)) {
        fields.pass(i);
      } else {
        fields.writeRun(out);
      }
    }
    fields.writeRun(out);
    int hopsLeft = LastHop.hopsLeft(request);
    if (hopsLeft > 0) {
      out.writeBytes(MAX_FORWARDS);
      ByteBufUtil.writeAscii(out, Integer.toString(hopsLeft - 1));
      out.writeBytes(CRLF);
    }
  }

  private boolean passes(RequestHead request, FieldSection fields, int field, boolean nominations) {
    FieldName known = fields.known(field);
    if (known == null) {
      return !nominations || !request.isNominated(field);
    }
    return switch (known) {
      case HOST,
          CONNECTION,
          KEEP_ALIVE,
          PROXY_CONNECTION,
          TE,
          TRANSFER_ENCODING,
          CONTENT_LENGTH,
          UPGRADE,
          HTTP2_SETTINGS,
          FORWARDED,
          X_FORWARDED_FOR,
          X_FORWARDED_PROTO,
          X_FORWARDED_HOST,
          X_FORWARDED_PORT,
          X_REAL_IP,
          LOOK_ALIKE ->
          false;
      case CLIENT_CERT, CLIENT_CERT_CHAIN ->
          forwarded.passesCertificate() && (!nominations || !request.isNominated(field));
      case EXPECT -> request.expectsContinue() && request.framing() != Framing.NONE;
      case TRAILER -> request.framing() == Framing.CHUNKED;
      case MAX_FORWARDS -> LastHop.hopsLeft(request) < 0;
      case VIA, CDN_LOOP -> true;
      case EARLY_DATA -> !forwarded.isEarly();
      case X_REQUEST_ID -> id.isClients() && (!nominations || !request.isNominated(field));
      case GRPC_TIMEOUT -> timeLeft < 0 && (!nominations || !request.isNominated(field));
      case TRACEPARENT -> traced == null && (!nominations || !request.isNominated(field));
      case TRACESTATE ->
          (traced == null || traced.trace().isContinued())
              && (!nominations || !request.isNominated(field));
      case CONTENT_TYPE,
          CF_RAY,
          ACCEPT,
          ACCEPT_LANGUAGE,
          SEC_FETCH_DEST,
          USER_AGENT,
          REFERER,
          IDEMPOTENCY_KEY,
          DATE,
          RETRY_AFTER,
          PROXY_STATUS,
          STRICT_TRANSPORT_SECURITY,
          ALT_SVC,
          SERVER ->
          !nominations || !request.isNominated(field);
    };
  }

  private static void writeFraming(ByteBuf out, RequestHead request) {
    if (request.framing() == Framing.CHUNKED) {
      out.writeBytes(CHUNKED);
    } else if (request.contentLength() >= 0 || impliesContent(request.method())) {
      out.writeBytes(CONTENT_LENGTH);
      ByteBufUtil.writeAscii(out, Long.toString(Math.max(0, request.contentLength())));
      out.writeBytes(CRLF);
    }
  }

  private static boolean impliesContent(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
