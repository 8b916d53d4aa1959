/** Fans out searches over the bundled World Factbook, merges what they find, lets a model read it and writes a report with sources. */
export const researchReport = `workflow:
  name: research-report
  title: Research report
  description: Searches The World Factbook for a topic from three sides at once, lets a model read what was found and writes a report that names its sources.
  input:
    type: object
    properties:
      topic:
        type: string
        title: Topic
        description: What the report is about, such as coffee, solar energy or fishing.
        default: coffee
        maxLength: 200
  triggers:
    - manual
  settings: {timeout: 5m}
  steps:
    - id: topic
      title: Topic
      uses: transform
      with:
        value:
          topic: "{{ default(input.topic, 'coffee') }}"
    - id: trade
      title: Who trades it
      uses: search
      depends_on: [topic]
      with: {query: "{{ data.topic }}", section: Trade and industry, limit: 6}
    - id: economy
      title: What it means to economies
      uses: search
      depends_on: [topic]
      with: {query: "{{ data.topic }}", section: Economy, limit: 6}
    - id: places
      title: Where and why there
      uses: search
      depends_on: [topic]
      with: {query: "{{ data.topic }}", section: Geography, limit: 6}
    - id: findings
      title: Gather findings
      uses: merge
      depends_on: [trade, economy, places]
      with: {mode: append}
    - id: notes
      title: Notes
      uses: transform
      depends_on: [findings]
      with:
        value:
          topic: "{{ steps.topic.output.topic }}"
          passages: "{{ unique(data, 'id') }}"
          text: "{{ unique(data, 'id').map(p, p.title + ' (' + p.section + '): ' + p.text).join('\\\\n') }}"
    - id: reading
      title: Read and answer
      uses: model
      depends_on: [notes]
      timeout: 2m
      retry: 2
      with:
        model: sandbox/default
        system: You are a careful researcher. Use the given passages alone and name the country each statement is about.
        prompt: |-
          What do these passages say about {{ data.topic }}? Give the most important findings, each with the place it is about.

          {{ data.text }}
        maxOutputTokens: 700
    - id: report
      title: Report
      uses: transform
      depends_on: [reading]
      with:
        value:
          title: "{{ upper(slice(steps.topic.output.topic, 0, 1)) + slice(steps.topic.output.topic, 1) }}: a report"
          report: |-
            # {{ upper(slice(steps.topic.output.topic, 0, 1)) + slice(steps.topic.output.topic, 1) }}: a report

            {{ data.text }}

            ## Sources
            {{ steps.notes.output.passages.map(p, '- ' + p.title + ', ' + p.section + ' (' + p.source + ')').join('\\n') }}
          sources: "{{ steps.notes.output.passages.map(p, {'id': p.id, 'title': p.title, 'section': p.section}) }}"
          model: "{{ data.model }}"
          simulated: "{{ data.simulated }}"
  output: "{{ steps.report.output }}"
  layout:
    trigger:0: {x: 0, y: 140}
    topic: {x: 290, y: 140}
    trade: {x: 580, y: 0}
    economy: {x: 580, y: 140}
    places: {x: 580, y: 280}
    findings: {x: 870, y: 140}
    notes: {x: 1160, y: 140}
    reading: {x: 1450, y: 140}
    report: {x: 1740, y: 140}
`;
