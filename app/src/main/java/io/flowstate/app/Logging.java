package io.flowstate.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * What of the log is seen. A command shows faults alone, for it tells of its failures itself; a server logs what it does, one structured line for each event. Found by Logback as a
 * service, so that no XML is parsed at each start.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String PLAIN = "%level: %msg%nopex%n";
    private static final String WITH_TRACES = "%d{HH:mm:ss.SSS} %-5level %logger{20}: %msg%n%ex";
    private static final String SERVER = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{20}: %msg%n%ex";

    /** Called by Logback before the first line is logged. */
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        show(context, Level.ERROR, pattern(context, PLAIN));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** For {@code --verbose}. */
    static void verbose() {
        LoggerContext context = context();
        show(context, Level.INFO, pattern(context, WITH_TRACES));
    }

    /** For a server. */
    static void serve(Keys.LogFormat format, boolean interactive, boolean verbose) {
        LoggerContext context = context();
        boolean text = format == Keys.LogFormat.TEXT || (format == Keys.LogFormat.AUTO && interactive);
        Encoder<ILoggingEvent> encoder = text ? pattern(context, SERVER) : json(context);
        show(context, verbose ? Level.DEBUG : Level.INFO, encoder);
    }

    private static LoggerContext context() {
        return (LoggerContext) LoggerFactory.getILoggerFactory();
    }

    private static void show(LoggerContext context, Level level, Encoder<ILoggingEvent> encoder) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAndStopAllAppenders();
        root.addAppender(appender);
        root.setLevel(level);
        // What libraries say at INFO is of no use to whoever runs the server.
        List.of(
                        "org.eclipse.jetty",
                        "org.apache.hc",
                        "org.flywaydb",
                        "com.zaxxer.hikari",
                        "com.github.kagkarlsson",
                        "software.amazon",
                        "org.jdbi")
                .forEach(library -> context.getLogger(library).setLevel(Level.WARN));
    }

    private static Encoder<ILoggingEvent> pattern(LoggerContext context, String pattern) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(pattern);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonLines encoder = new JsonLines();
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }
}
