"""Google's APIs behind the ports: the only place that imports gspread and googleapiclient."""
