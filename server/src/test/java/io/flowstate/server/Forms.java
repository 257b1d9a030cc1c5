package io.flowstate.server;

/** Forms written out by hand, so that a test can bend them. */
final class Forms {
    static final String BOUNDARY = "a-boundary";
    static final String TYPE = "multipart/form-data; boundary=" + BOUNDARY;

    private final StringBuilder text = new StringBuilder();

    private Forms() {}

    /** @param namesAndValues in turns */
    static Forms with(String... namesAndValues) {
        Forms forms = new Forms();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            forms.part("form-data; name=\"%s\"".formatted(namesAndValues[i]), namesAndValues[i + 1]);
        }
        return forms;
    }

    Forms file(String name, String fileName, String content) {
        return part("form-data; name=\"%s\"; filename=\"%s\"".formatted(name, fileName), content);
    }

    Forms part(String disposition, String content) {
        text.append("--%s\r\nContent-Disposition: %s\r\n\r\n".formatted(BOUNDARY, disposition))
                .append(content)
                .append("\r\n");
        return this;
    }

    String end() {
        return text + "--" + BOUNDARY + "--\r\n";
    }

    /** Without the closing boundary. */
    String unended() {
        return text.toString();
    }
}
