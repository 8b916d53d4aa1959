/** Fetches a real data set over HTTP, checks it, works it out in two ways side by side and lets an agent say what it shows. */
export const dataPipeline = `workflow:
  name: earthquake-pipeline
  title: Data pipeline
  description: Fetches a week of earthquakes (U.S. Geological Survey), checks the data, works out figures and lets an analyst say what they show.
  input:
    type: object
    properties:
      url:
        type: string
        title: Address of the data
        description: Without one, the data set that Heddle itself serves.
      minimum:
        type: number
        title: Smallest magnitude
        default: 2.5
        minimum: 0
        maximum: 10
  triggers:
    - manual
    - webhook: {method: POST, respond: last}
  settings: {timeout: 5m}
  steps:
    - id: fetch
      title: Fetch earthquakes
      uses: http
      timeout: 30s
      retry: 3
      with:
        method: GET
        url: "{{ default(input.url, env.heddle_url + '/data/earthquakes.json') }}"
        parse: json
    - id: validate
      title: Check the data
      uses: condition
      depends_on: [fetch]
      with:
        if: "size(data.body.earthquakes) > 0 && data.body.earthquakes.all(e, e.magnitude >= 0 && e.magnitude <= 10 && e.place != '')"
    - id: select
      title: Strong enough
      uses: transform
      depends_on: [validate.true]
      with:
        value: "{{ data.body.earthquakes.filter(e, e.magnitude >= default(input.minimum, 2.5)) }}"
    - id: figures
      title: Figures
      uses: transform
      depends_on: [select]
      with:
        value:
          count: "{{ size(data) }}"
          averageMagnitude: "{{ size(data) == 0 ? 0 : round(avg(data.map(e, e.magnitude)), 2) }}"
          deepestKm: "{{ size(data) == 0 ? 0 : max(data.map(e, e.depthKm)) }}"
          reportsOfPeople: "{{ sum(data.map(e, e.felt)) }}"
          tsunamiFlags: "{{ size(data.filter(e, e.tsunami)) }}"
          strongest: "{{ slice(reverse(sortBy(data, 'magnitude')), 0, 5).map(e, {'place': e.place, 'magnitude': e.magnitude, 'time': e.time}) }}"
    - id: regions
      title: Count by region
      uses: code
      depends_on: [select]
      with:
        source: |
          // Count by region, the part after the last comma of the place
          const regions = new Map();
          for (const { place, magnitude } of data) {
            const name = place.slice(place.lastIndexOf(',') + 1).trim();
            const region = regions.get(name) ?? { name, count: 0, strongest: 0 };
            region.count++;
            region.strongest = Math.max(region.strongest, magnitude);
            regions.set(name, region);
          }
          console.log(regions.size + ' regions');
          return [...regions.values()].sort((a, b) => b.count - a.count).slice(0, 10);
    - id: combine
      title: Put together
      uses: merge
      depends_on: [figures, regions]
      with: {mode: byStep}
    - id: summarise
      title: Summarise
      agent: analyst
      depends_on: [combine]
      timeout: 2m
      retry: 2
      with:
        task: What do these figures of a week of earthquakes show? Say where most of them were and what was strongest.
    - id: report
      title: Report
      uses: transform
      depends_on: [summarise]
      with:
        value:
          source: "{{ steps.fetch.output.body.source }}"
          from: "{{ steps.fetch.output.body.from }}"
          to: "{{ steps.fetch.output.body.to }}"
          figures: "{{ steps.figures.output }}"
          regions: "{{ steps.regions.output }}"
          summary: "{{ data.text }}"
          simulated: "{{ data.simulated }}"
    - id: reject
      title: Data not usable
      uses: log
      depends_on: [validate.false]
      with:
        level: error
        message: "The data from {{ steps.fetch.output.url }} is not a list of earthquakes with magnitude and place."
  output: "{{ steps.validate.status == 'succeeded' && steps.report.status == 'succeeded' ? steps.report.output : {'valid': false} }}"
  layout:
    trigger:0: {x: 0, y: 80}
    trigger:1: {x: 0, y: 200}
    fetch: {x: 290, y: 140}
    validate: {x: 580, y: 140}
    select: {x: 870, y: 80}
    figures: {x: 1160, y: 0}
    regions: {x: 1160, y: 160}
    combine: {x: 1450, y: 80}
    summarise: {x: 1740, y: 80}
    report: {x: 2030, y: 80}
    reject: {x: 870, y: 260}
`;
