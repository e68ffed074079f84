package io.whygate.gateway.admin;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers the requests of one connection to the admin interface, one after the other: the next is
/// read when the answer to the one before has been written.
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(AdminHandler.class);

  private final AccessGuard guard;
  private final SessionApi sessions;
  private final AdminApi api;
  private final EventFeed feed;
  private final Executor threads;
  private boolean listening;

  AdminHandler(
      AccessGuard guard, SessionApi sessions, AdminApi api, EventFeed feed, Executor threads) {
    this.guard = guard;
    this.sessions = sessions;
    this.api = api;
    this.feed = feed;
    this.threads = threads;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
    if (listening) {
      return;
    }
    context.channel().config().setAutoRead(false);
    boolean head = message.method().equals(HttpMethod.HEAD);
    Throwable broken = message.decoderResult().cause();
    if (broken != null) {
      write(context, refusal(broken), head, false);
      return;
    }
    boolean keepAlive = HttpUtil.isKeepAlive(message);
    Request request;
    try {
      request =
          RequestTarget.parse(
              message.uri(),
              message.method(),
              message.headers(),
              ByteBufUtil.getBytes(message.content()));
    } catch (IllegalArgumentException _) {
      write(
          context,
          Answer.problem(400, "Bad request", "The address cannot be understood."),
          head,
          keepAlive);
      return;
    }
    try {
      threads.execute(() -> answer(context, request, keepAlive));
    } catch (RejectedExecutionException _) {
      context.close();
    }
  }

  private static Answer.Document refusal(Throwable broken) {
    return switch (broken) {
      case TooLongHttpLineException _ ->
          Answer.problem(414, "URI too long", "expected: 4096 bytes");
      case TooLongHttpHeaderException _ ->
          Answer.problem(431, "Header fields too large", "expected: 8192 bytes");
      default -> Answer.problem(400, "Bad request", "This is not HTTP/1.1 as RFC 9112 has it.");
    };
  }

  private void answer(ChannelHandlerContext context, Request request, boolean keepAlive) {
    boolean head = request.method().equals(HttpMethod.HEAD);
    switch (answerTo(request, callerOf(context.channel()))) {
      case Answer.Document document -> write(context, document, head, keepAlive);
      case Answer.Events _ when head -> write(context, eventsHead(), true, keepAlive);
      case Answer.Events(var lasts) -> listen(context, lasts);
    }
  }

  private static Caller callerOf(Channel channel) {
    InetSocketAddress address = (InetSocketAddress) channel.remoteAddress();
    return new Caller(address.getAddress(), channel.pipeline().get(SslHandler.class) != null);
  }

  private Answer answerTo(Request request, Caller caller) {
    try {
      return switch (guard.admit(request, caller)) {
        case Admission.Refused(var answer) -> answer;
        case Admission.Admitted admitted when SessionApi.isAskedBy(request) ->
            sessions.answer(request, caller, admitted);
        case Admission.Admitted admitted -> answerTo(request, admitted);
      };
    } catch (RuntimeException e) {
      LOG.error("admin: {} {} failed", request.method(), request.path(), e);
      return Answer.problem(500, "Internal error", "The gateway's log says more.");
    }
  }

  private Answer answerTo(Request request, Admission.Admitted admitted) {
    Answer answer = api.answer(request);
    if (!(answer instanceof Answer.Events)) {
      return answer;
    }
    return feed.hasRoom()
        ? new Answer.Events(() -> sessions.lasts(admitted))
        : Answer.problem(503, "Too many listeners", "Close another console first.");
  }

  private static Answer.Document eventsHead() {
    return Answer.of(200, "text/event-stream", "");
  }

  private static void write(
      ChannelHandlerContext context, Answer.Document answer, boolean head, boolean keepAlive) {
    byte[] body = head ? new byte[0] : answer.body();
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            Unpooled.wrappedBuffer(body));
    HttpHeaders headers = response.headers();
    common(response, answer.contentType());
    headers.set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
    answer.headers().forEach(headers::set);
    HttpUtil.setKeepAlive(response, keepAlive);
    context
        .writeAndFlush(response)
        .addListener(written -> {
          if (written.isSuccess() && keepAlive) {
            context.channel().config().setAutoRead(true);
          }
        });
  }

  private static void common(HttpResponse response, String contentType) {
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, contentType)
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .set("X-Content-Type-Options", "nosniff")
        .set("Referrer-Policy", "no-referrer")
        .set(HttpHeaderNames.X_FRAME_OPTIONS, "DENY");
  }

  private void listen(ChannelHandlerContext context, BooleanSupplier lasts) {
    var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    common(response, "text/event-stream");
    HttpUtil.setTransferEncodingChunked(response, true);
    context
        .writeAndFlush(response)
        .addListener(written -> {
          if (written.isSuccess()) {
            listening = true;
            // Reading goes on so that the end of the connection is noticed.
            context.channel().config().setAutoRead(true);
            threads.execute(() -> feed.add(context.channel(), lasts));
          }
        });
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      context.close();
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      LOG.debug("admin: connection failed", cause);
    }
    context.close();
  }
}
