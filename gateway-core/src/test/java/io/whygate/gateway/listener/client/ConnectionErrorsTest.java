package io.whygate.gateway.listener.client;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.TooLongFrameException;
import java.io.IOException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/// Anybody can make a connection fail: only what the gateway did wrong stands in its log.
@Isolated
class ConnectionErrorsTest {
  private final Logger log = (Logger) LoggerFactory.getLogger(ConnectionErrors.class);
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();

  @BeforeEach
  void listen() {
    said.start();
    log.addAppender(said);
  }

  @AfterEach
  void stop() {
    log.detachAppender(said);
  }

  private List<ILoggingEvent> errors() {
    return said.list.stream().filter(each -> each.getLevel() == Level.ERROR).toList();
  }

  @Test
  void whatAClientDidIsItsOwnAffair() {
    ConnectionErrors.note(new IOException("reset by peer"));
    ConnectionErrors.note(new DecoderException(new SSLException("no such alert")));
    ConnectionErrors.note(new TooLongFrameException("ClientHello length exceeds 65536: 131071"));
    assertThat(errors()).isEmpty();
  }

  @Test
  void whatTheGatewayDidWrongIsLogged() {
    ConnectionErrors.note(new IllegalStateException("broken on purpose"));
    assertThat(errors()).hasSize(1);
  }
}
